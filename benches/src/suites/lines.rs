//! Lines over a size, on two logarithmic axes, and a sentence on each slope.

use crate::report::{Plot, Samples, Shape, shown};

/// One line over a size.
pub(super) type Line = (String, Vec<(f64, f64)>);

/// A sentence on each line's slope: from its first point to its last.
fn slopes(lines: &[Line], size: &str) -> String {
    let sentence = |(name, points): &Line| {
        let ((from, first), (to, last)) = (points.first()?, points.last()?);
        let (times, grows) = (to / from, last / first);
        (points.len() > 1).then(|| {
            format!(
                "{name}: from {} to {}, {} times, for {} times the {size} (exponent {:.2}).",
                shown(*first),
                shown(*last),
                shown(grows),
                shown(times),
                grows.ln() / times.ln()
            )
        })
    };
    lines.iter().filter_map(sentence).collect::<Vec<_>>().join(" ")
}

/// A quantity of cases over their sizes, a line for each contender.
pub(super) fn lines(
    samples: &Samples,
    who: &[String],
    sizes: &[usize],
    case: impl Fn(usize) -> String,
    quantity: &str,
) -> Vec<Line> {
    let line = |who: &String| {
        let point = |&size: &usize| Some((size as f64, samples.median(&case(size), who, quantity)?));
        (who.clone(), sizes.iter().filter_map(point).collect::<Vec<_>>())
    };
    who.iter().map(line).filter(|line| !line.1.is_empty()).collect()
}

/// A plot of lines, if there are any.
pub(super) fn plot(name: &str, title: &str, axis: &str, over: &str, size: &str, lines: Vec<Line>) -> Option<Plot> {
    (!lines.is_empty()).then(|| Plot {
        name: name.to_owned(),
        title: title.to_owned(),
        axis: axis.to_owned(),
        says: slopes(&lines, size),
        shape: Shape::Lines { over: over.to_owned(), lines },
    })
}

#[cfg(test)]
mod tests {
    use super::slopes;

    #[test]
    fn a_slope_is_a_sentence() {
        let lines =
            [("reset".to_owned(), vec![(10.0, 2.0), (100.0, 20.0)]), ("one point".to_owned(), vec![(1.0, 1.0)])];
        assert_eq!(
            slopes(&lines, "pages"),
            "reset: from 2.00 to 20.0, 10.0 times, for 10.0 times the pages (exponent 1.00)."
        );
    }
}
