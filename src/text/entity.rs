//! Character references of HTML: `&eacute;`, `&#233;`, `&#xe9;`.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The names of HTML 4 and those of HTML 5 that texts of our languages use, with code points in
/// hexadecimal. The other two thousand names of HTML 5 are mathematics; they stay as written.
const NAMES: &str = "\
    AElig c6, Aacute c1, Abreve 102, Acirc c2, Agrave c0, Alpha 391, Aogon 104, Aring c5, \
    Atilde c3, Auml c4, Beta 392, Cacute 106, Ccaron 10c, Ccedil c7, Chi 3a7, Dagger 2021, \
    Delta 394, Dstrok 110, ETH d0, Eacute c9, Ecaron 11a, Ecirc ca, Egrave c8, Eogon 118, \
    Epsilon 395, Eta 397, Euml cb, Gamma 393, Gbreve 11e, Hat 5e, Iacute cd, Icirc ce, Idot 130, \
    Igrave cc, Iota 399, Iuml cf, Kappa 39a, Lambda 39b, Lstrok 141, Mu 39c, Nacute 143, NewLine a, \
    Ntilde d1, Nu 39d, OElig 152, Oacute d3, Ocirc d4, Odblac 150, Ograve d2, Omega 3a9, \
    Omicron 39f, Oslash d8, Otilde d5, Ouml d6, Phi 3a6, Pi 3a0, Prime 2033, Psi 3a8, Rcaron 158, \
    Rho 3a1, Sacute 15a, Scaron 160, Scedil 15e, Sigma 3a3, THORN de, Tab 9, Tau 3a4, Theta 398, \
    Uacute da, Ucirc db, Udblac 170, Ugrave d9, Upsilon 3a5, Uuml dc, Xi 39e, Yacute dd, Yuml 178, \
    Zacute 179, Zcaron 17d, Zdot 17b, Zeta 396, aacute e1, abreve 103, acirc e2, acute b4, \
    aelig e6, agrave e0, alefsym 2135, alpha 3b1, amp 26, and 2227, ang 2220, aogon 105, apos 27, \
    aring e5, ast 2a, asymp 2248, atilde e3, auml e4, bdquo 201e, beta 3b2, brvbar a6, bsol 5c, \
    bull 2022, bullet 2022, cacute 107, cap 2229, ccaron 10d, ccedil e7, cedil b8, cent a2, \
    check 2713, chi 3c7, circ 2c6, clubs 2663, colon 3a, comma 2c, commat 40, cong 2245, copy a9, \
    copysr 2117, crarr 21b5, cross 2717, cup 222a, curren a4, dArr 21d3, dagger 2020, darr 2193, \
    dash 2010, deg b0, delta 3b4, diams 2666, divide f7, dollar 24, dstrok 111, eacute e9, \
    ecaron 11b, ecirc ea, egrave e8, empty 2205, emsp 2003, emsp13 2004, emsp14 2005, ensp 2002, \
    eogon 119, epsilon 3b5, equals 3d, equiv 2261, eta 3b7, eth f0, euml eb, euro 20ac, excl 21, \
    exist 2203, female 2640, fnof 192, forall 2200, frac12 bd, frac14 bc, frac34 be, frasl 2044, \
    gamma 3b3, gbreve 11f, ge 2265, grave 60, gt 3e, hArr 21d4, hairsp 200a, harr 2194, \
    hearts 2665, hellip 2026, horbar 2015, hyphen 2010, iacute ed, icirc ee, iexcl a1, igrave ec, \
    image 2111, imath 131, infin 221e, inodot 131, int 222b, iota 3b9, iquest bf, isin 2208, \
    iuml ef, kappa 3ba, lArr 21d0, lambda 3bb, lang 2329, laquo ab, larr 2190, lbrace 7b, \
    lbrack 5b, lceil 2308, lcub 7b, ldquo 201c, ldquor 201e, le 2264, lfloor 230a, lowast 2217, \
    lowbar 5f, loz 25ca, lpar 28, lrm 200e, lsaquo 2039, lsqb 5b, lsquo 2018, lsquor 201a, \
    lstrok 142, lt 3c, macr af, male 2642, mdash 2014, micro b5, middot b7, minus 2212, mu 3bc, \
    nabla 2207, nacute 144, nbsp a0, ncaron 148, ndash 2013, ne 2260, ni 220b, not ac, notin 2209, \
    nsub 2284, ntilde f1, nu 3bd, num 23, numero 2116, numsp 2007, oacute f3, ocirc f4, odblac 151, \
    oelig 153, ograve f2, oline 203e, omega 3c9, omicron 3bf, oplus 2295, or 2228, ordf aa, \
    ordm ba, oslash f8, otilde f5, otimes 2297, ouml f6, para b6, part 2202, percnt 25, period 2e, \
    permil 2030, perp 22a5, phi 3c6, phone 260e, pi 3c0, piv 3d6, plus 2b, plusmn b1, pound a3, \
    prime 2032, prod 220f, prop 221d, psi 3c8, puncsp 2008, quest 3f, quot 22, rArr 21d2, \
    radic 221a, rang 232a, raquo bb, rarr 2192, rarrw 219d, rbrace 7d, rbrack 5d, rcaron 159, \
    rceil 2309, rcub 7d, rdquo 201d, real 211c, reg ae, rfloor 230b, rho 3c1, rlm 200f, rpar 29, \
    rsaquo 203a, rsqb 5d, rsquo 2019, rsquor 2019, sacute 15b, sbquo 201a, scaron 161, scedil 15f, \
    sdot 22c5, sect a7, semi 3b, shy ad, sigma 3c3, sigmaf 3c2, sim 223c, sol 2f, spades 2660, \
    star 2606, starf 2605, sub 2282, sube 2286, sum 2211, sup 2283, sup1 b9, sup2 b2, sup3 b3, \
    supe 2287, szlig df, tau 3c4, there4 2234, theta 3b8, thetasym 3d1, thinsp 2009, thorn fe, \
    tilde 2dc, times d7, trade 2122, uArr 21d1, uacute fa, uarr 2191, ucirc fb, udblac 171, \
    ugrave f9, uml a8, upsih 3d2, upsilon 3c5, uuml fc, verbar 7c, vert 7c, weierp 2118, xi 3be, \
    yacute fd, yen a5, yuml ff, zacute 17a, zcaron 17e, zdot 17c, zeta 3b6, zwj 200d, zwnj 200c";

static NAMED: LazyLock<HashMap<&str, char>> = LazyLock::new(|| {
    let pair = |entry: &'static str| {
        let (name, code) = entry.trim().split_once(' ')?;
        Some((name, char::from_u32(u32::from_str_radix(code, 16).ok()?)?))
    };
    NAMES.split(',').filter_map(pair).collect()
});

/// What `&#128;` to `&#159;` mean: those who write them think in windows-1252 (HTML, 13.2.5.80).
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The longest reference that is looked at.
const MAX_BYTES: usize = 32;

/// The character that a text beginning with `&` refers to, and how many bytes the reference has.
///
/// A name needs its semicolon, since addresses hold `&copy=1`; a number does not.
pub(super) fn reference(text: &str) -> Option<(char, usize)> {
    let rest = text.strip_prefix('&')?;
    if let Some(number) = rest.strip_prefix('#') {
        return numeric(number).map(|(c, length)| (c, length + 2));
    }
    let length = rest.bytes().take(MAX_BYTES).position(|b| !b.is_ascii_alphanumeric())?;
    let name = rest.get(..length)?;
    let c = NAMED.get(name).filter(|_| rest.as_bytes().get(length) == Some(&b';'))?;
    Some((*c, length + 2))
}

fn numeric(text: &str) -> Option<(char, usize)> {
    let (digits, radix, before) = match text.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16, 1),
        None => (text, 10, 0),
    };
    let inside = digits.bytes().take(MAX_BYTES).take_while(|b| char::from(*b).is_digit(radix));
    let length = inside.count();
    let code = digits.get(..length).filter(|d| !d.is_empty())?;
    // Too large a number overflows, and is no character either.
    let code = u32::from_str_radix(code, radix).unwrap_or(u32::MAX);
    let c = match code {
        0 => char::REPLACEMENT_CHARACTER,
        0x80..=0x9f => WINDOWS_1252.get(code as usize - 0x80).copied()?,
        _ => char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
    };
    let semicolon = usize::from(digits.as_bytes().get(length) == Some(&b';'));
    Some((c, before + length + semicolon))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_browsers_do() {
        for (text, expected) in [
            ("&eacute;t", Some(('é', 8))),
            ("&OElig;", Some(('Œ', 7))),
            ("&#233;", Some(('é', 6))),
            ("&#xE9 x", Some(('é', 5))),
            ("&#146;", Some(('’', 6))),
            ("&#128;", Some(('€', 6))),
            ("&#0;", Some(('\u{fffd}', 4))),
            ("&#99999999999999;", Some(('\u{fffd}', 17))),
            ("&#xD800;", Some(('\u{fffd}', 8))),
            ("&apos;", Some(('\'', 6))),
            ("&copy=1", None),
            ("& b", None),
            ("&#;", None),
            ("&inconnu;", None),
            ("&", None),
        ] {
            assert_eq!(reference(text), expected, "{text}");
        }
        assert!(NAMED.len() > 300, "every entry of the table is read");
    }
}
