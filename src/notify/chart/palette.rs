//! Makes a drawn PNG small: at most 256 colours, which flat drawings do not miss.

use std::collections::HashMap;
use std::io::Cursor;

/// Rewrites a PNG of 8-bit RGBA or RGB with a palette; `None` for any other image.
///
/// Colours are grouped by their four upper bits; each group shows as its most frequent colour, so
/// that flat surfaces keep theirs exactly and only the smoothing of edges is rounded.
pub(super) fn reduce(png: &[u8]) -> Option<Vec<u8>> {
    let mut reader = png::Decoder::new(Cursor::new(png)).read_info().ok()?;
    let mut pixels = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut pixels).ok()?;
    let size = match (frame.color_type, frame.bit_depth) {
        (png::ColorType::Rgba, png::BitDepth::Eight) => 4,
        (png::ColorType::Rgb, png::BitDepth::Eight) => 3,
        _ => return None,
    };
    let colors: Vec<[u8; 3]> =
        pixels.chunks_exact(size).filter_map(|p| p.first_chunk().copied()).collect();
    let palette = palette(&colors);
    let mut nearest = HashMap::new();
    let mut indices = Vec::with_capacity(colors.len());
    // Runs of one colour are most of a drawing: one look-up for each run.
    for run in colors.chunk_by(|a, b| a == b) {
        let index = *nearest.entry(run[0]).or_insert_with(|| closest(&palette, run[0]));
        indices.resize(indices.len() + run.len(), index);
    }
    write(frame.width, frame.height, palette.concat(), &indices)
}

fn palette(colors: &[[u8; 3]]) -> Vec<[u8; 3]> {
    let mut counts: HashMap<[u8; 3], u32> = HashMap::new();
    for run in colors.chunk_by(|a, b| a == b) {
        *counts.entry(run[0]).or_default() += u32::try_from(run.len()).unwrap_or(u32::MAX);
    }
    // Sorted by count and then colour: a hash map's order must not reach the bytes.
    let mut ranked: Vec<([u8; 3], u32)> = counts.into_iter().collect();
    ranked.sort_unstable_by_key(|(color, count)| (std::cmp::Reverse(*count), *color));
    let mut groups = std::collections::HashSet::new();
    ranked.retain(|(color, _)| groups.insert(color.map(|channel| channel >> 4)));
    ranked.into_iter().take(256).map(|(color, _)| color).collect()
}

fn closest(palette: &[[u8; 3]], color: [u8; 3]) -> u8 {
    let distance = |other: &[u8; 3]| -> u32 {
        other.iter().zip(color).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
    };
    let found = palette.iter().enumerate().min_by_key(|(_, other)| distance(other));
    found.and_then(|(index, _)| u8::try_from(index).ok()).unwrap_or(0)
}

fn write(width: u32, height: u32, palette: Vec<u8>, indices: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette);
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(indices).ok()?;
    writer.finish().ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_colours_stay_exact() {
        let colors = [[255, 255, 255], [255, 255, 255], [250, 250, 250], [179, 38, 30]];
        let palette = palette(&colors);
        assert_eq!(palette, [[255, 255, 255], [179, 38, 30]]);
        assert_eq!(closest(&palette, [170, 40, 30]), 1);
    }

    #[test]
    fn what_is_no_image_is_left_alone() {
        assert_eq!(reduce(b"GIF89a"), None);
    }
}
