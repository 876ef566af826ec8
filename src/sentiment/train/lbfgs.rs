//! Finds the lowest point of a smooth convex function: L-BFGS with backtracking.

use std::collections::VecDeque;

/// Steps that the curvature is guessed from.
const MEMORY: usize = 7;
const MOST_HALVINGS: usize = 20;

/// Moves `x` downhill until an iteration gains less than `tolerance` of the value, or for at most
/// `iterations`. `value` writes the gradient into its second argument.
pub(super) fn minimise(
    x: &mut Vec<f32>,
    iterations: usize,
    tolerance: f64,
    value: &mut dyn FnMut(&[f32], &mut [f32]) -> f64,
) -> f64 {
    let mut gradient = vec![0.0; x.len()];
    let mut now = value(x, &mut gradient);
    let mut past: VecDeque<Step> = VecDeque::with_capacity(MEMORY);
    for iteration in 0..iterations {
        let direction = direction(&gradient, &past);
        let slope = -dot(&direction, &gradient);
        let next = (slope < 0.0).then(|| descend(x, &direction, now, slope, value)).flatten();
        let Some((lower, there, there_gradient)) = next else {
            if past.is_empty() {
                break;
            }
            past.clear();
            continue;
        };
        let moved: Vec<f32> = there.iter().zip(x.iter()).map(|(a, b)| a - b).collect();
        let turned: Vec<f32> = there_gradient.iter().zip(&gradient).map(|(a, b)| a - b).collect();
        let curvature = dot(&moved, &turned);
        if curvature > 1e-10 {
            if past.len() == MEMORY {
                past.pop_front();
            }
            past.push_back(Step { moved, turned, curvature });
        }
        let gained = now - lower;
        (*x, gradient, now) = (there, there_gradient, lower);
        if iteration > 5 && gained < tolerance * now.abs().max(1.0) {
            break;
        }
    }
    now
}

/// A step that was taken, and what it did to the gradient.
struct Step {
    moved: Vec<f32>,
    turned: Vec<f32>,
    curvature: f64,
}

/// The gradient bent by the guessed curvature; the way down is against it.
fn direction(gradient: &[f32], past: &VecDeque<Step>) -> Vec<f32> {
    let mut direction = gradient.to_vec();
    let mut shares = Vec::with_capacity(past.len());
    for step in past.iter().rev() {
        let share = dot(&step.moved, &direction) / step.curvature;
        add(&mut direction, &step.turned, -share);
        shares.push(share);
    }
    let size = match past.back() {
        Some(step) => step.curvature / dot(&step.turned, &step.turned),
        None => 1.0 / dot(gradient, gradient).sqrt().max(1e-9),
    };
    for value in &mut direction {
        *value *= narrow(size);
    }
    for (step, share) in past.iter().zip(shares.into_iter().rev()) {
        let back = dot(&step.turned, &direction) / step.curvature;
        add(&mut direction, &step.moved, share - back);
    }
    direction
}

/// The first of ever shorter steps that goes down enough.
fn descend(
    x: &[f32],
    direction: &[f32],
    now: f64,
    slope: f64,
    value: &mut dyn FnMut(&[f32], &mut [f32]) -> f64,
) -> Option<(f64, Vec<f32>, Vec<f32>)> {
    let mut gradient = vec![0.0; x.len()];
    let mut length = 1.0_f32;
    for _ in 0..MOST_HALVINGS {
        let there: Vec<f32> = x.iter().zip(direction).map(|(x, d)| x - length * d).collect();
        let lower = value(&there, &mut gradient);
        if lower <= now + 1e-4 * f64::from(length) * slope {
            return Some((lower, there, gradient));
        }
        length *= 0.5;
    }
    None
}

fn add(to: &mut [f32], what: &[f32], share: f64) {
    let share = narrow(share);
    to.iter_mut().zip(what).for_each(|(to, what)| *to += share * what);
}

/// In blocks: a million small numbers added one by one to a large one would be lost.
fn dot(a: &[f32], b: &[f32]) -> f64 {
    let block =
        |(a, b): (&[f32], &[f32])| f64::from(a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>());
    a.chunks(4096).zip(b.chunks(4096)).map(block).sum()
}

#[expect(clippy::cast_possible_truncation, reason = "weights are kept in single precision")]
pub(super) fn narrow(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_point_of_a_bowl_is_found() {
        let mut x = vec![9.0, -9.0, 4.0];
        let mut bowl = |x: &[f32], gradient: &mut [f32]| {
            let weights = [1.0, 30.0, 0.2];
            let lowest = [1.0, 2.0, 3.0];
            let mut sum = 0.0;
            for i in 0..3 {
                let off = x[i] - lowest[i];
                gradient[i] = 2.0 * weights[i] * off;
                sum += f64::from(weights[i] * off * off);
            }
            sum
        };
        assert!(minimise(&mut x, 100, 0.0, &mut bowl) < 1e-6);
        assert!(
            (x[0] - 1.0).abs() < 1e-2 && (x[1] - 2.0).abs() < 1e-2 && (x[2] - 3.0).abs() < 1e-2
        );
    }
}
