//! E-mail addresses as far as configuration has to understand them.

/// The domain of `name@example.org` or `Name <name@example.org>`, when that is one address and
/// nothing in it can break a header. The mail library has the last word when it writes a message.
pub fn domain_of(text: &str) -> Option<String> {
    if text.chars().any(char::is_control) {
        return None;
    }
    let address = match text.trim().split_once('<') {
        Some((_, rest)) => rest.strip_suffix('>')?,
        None => text.trim(),
    };
    let (user, domain) = address.split_once('@')?;
    let plain = |part: &str, extra: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || extra.contains(c))
    };
    let good = plain(user, "!#$%&'*+-/=?^_`{|}~.") && plain(domain, "-.") && user.len() <= 64;
    let labels = domain.split('.').all(|label| !label.is_empty());
    (good && labels && domain.len() <= 253).then(|| domain.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_user_and_a_domain() {
        assert_eq!(domain_of("a.b+c@Example.org").as_deref(), Some("example.org"));
        assert_eq!(domain_of("Vigie — Acme <vigie@acme.example>").as_deref(), Some("acme.example"));
        for bad in
            ["", "nobody", "@a", "a@", "a@b..c", "a b@c", "A\r\nBcc: x <a@b.c>", "<a@b.c", "a@b@c"]
        {
            assert_eq!(domain_of(bad), None, "{bad:?}");
        }
    }
}
