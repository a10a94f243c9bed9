//! Plots, drawn as SVG.

use anyhow::{Result, anyhow};
use plotters::prelude::*;
use serde::Serialize;

/// Width in pixels.
const WIDTH: u32 = 960;
/// Height of one bar and the space below it.
const BAR_HEIGHT: u32 = 26;
/// Height of what is around bars: title and axis.
const AROUND_BARS: u32 = 90;
/// Width of the names beside lines.
const NAMES_WIDTH: u32 = 270;
/// Height of a name there.
const NAME_HEIGHT: i32 = 22;
/// Height of a plot of lines.
const LINES_HEIGHT: u32 = 420;
/// Colours of lines, told apart by people who see no red or green (Okabe and Ito).
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(213, 94, 0),
    RGBColor(86, 180, 233),
    RGBColor(90, 90, 90),
];

/// A picture of some numbers.
#[derive(Debug, Serialize)]
pub struct Plot {
    /// Name of its file, without an ending.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// What the numbers are, with their unit.
    pub axis: String,
    /// What is seen in it, in a sentence.
    pub says: String,
    /// The numbers.
    pub shape: Shape,
}

/// How numbers are drawn.
#[derive(Debug, Serialize)]
pub enum Shape {
    /// A bar each, from top to bottom; the flag says whether it is ours. The axis is logarithmic.
    Bars(Vec<(String, f64, bool)>),
    /// Lines over a quantity; both axes are logarithmic.
    Lines {
        /// What the quantity is.
        over: String,
        /// Name and points of each line.
        lines: Vec<(String, Vec<(f64, f64)>)>,
    },
}

impl Plot {
    /// Name of its file.
    pub fn file(&self) -> String {
        format!("{}.svg", self.name)
    }

    /// The drawing.
    ///
    /// # Errors
    /// There is nothing to draw.
    pub fn svg(&self) -> Result<String> {
        let mut svg = String::new();
        match &self.shape {
            Shape::Bars(bars) => self.bars(&mut svg, bars),
            Shape::Lines { over, lines } => self.lines(&mut svg, over, lines),
        }
        .map_err(|error| anyhow!("cannot draw {}: {error}", self.name))?;
        Ok(svg)
    }

    fn bars(&self, svg: &mut String, bars: &[(String, f64, bool)]) -> Result<(), Box<dyn std::error::Error>> {
        let height = AROUND_BARS + BAR_HEIGHT * bars.len() as u32;
        let root = SVGBackend::with_string(svg, (WIDTH, height)).into_drawing_area();
        root.fill(&WHITE)?;
        let (least, most) = range(bars.iter().map(|bar| bar.1)).ok_or("no bars")?;
        let left = least / 2.0;
        let mut chart = ChartBuilder::on(&root)
            .caption(&self.title, ("sans-serif", 18))
            .margin(8)
            .margin_right(70)
            .x_label_area_size(38)
            .y_label_area_size(230)
            .build_cartesian_2d((left..most * 1.3).log_scale(), 0_f64..bars.len() as f64)?;
        chart.configure_mesh().disable_y_mesh().disable_y_axis().x_desc(&self.axis).light_line_style(WHITE).draw()?;
        for (at, (name, value, ours)) in bars.iter().enumerate() {
            let top = (bars.len() - at) as f64;
            let colour = if *ours { COLOURS[4] } else { COLOURS[0] };
            chart.draw_series([Rectangle::new([(left, top - 0.85), (*value, top - 0.15)], colour.filled())])?;
            let middle = chart.backend_coord(&(*value, top - 0.5));
            root.draw_text(
                &super::shown(*value),
                &("sans-serif", 13).into_text_style(&root),
                (middle.0 + 5, middle.1 - 7),
            )?;
            root.draw_text(name, &("sans-serif", 13).into_text_style(&root), (10, middle.1 - 7))?;
        }
        root.present()?;
        Ok(())
    }

    fn lines(
        &self,
        svg: &mut String,
        over: &str,
        lines: &[(String, Vec<(f64, f64)>)],
    ) -> Result<(), Box<dyn std::error::Error>> {
        let points = || lines.iter().flat_map(|line| &line.1);
        let (left, right) = range(points().map(|point| point.0)).ok_or("no points")?;
        let (bottom, top) = range(points().map(|point| point.1)).ok_or("no points")?;
        let root = SVGBackend::with_string(svg, (WIDTH, LINES_HEIGHT)).into_drawing_area();
        root.fill(&WHITE)?;
        let (area, names) = root.split_horizontally(WIDTH - NAMES_WIDTH);
        let mut chart = ChartBuilder::on(&area)
            .caption(&self.title, ("sans-serif", 18))
            .margin(8)
            .margin_right(24)
            .x_label_area_size(42)
            .y_label_area_size(80)
            .build_cartesian_2d((left..right * 1.05).log_scale(), (bottom / 1.5..top * 1.5).log_scale())?;
        let number = |value: &f64| super::shown(*value);
        let mut mesh = chart.configure_mesh();
        mesh.x_label_formatter(&number).y_label_formatter(&number);
        mesh.x_desc(over).y_desc(&self.axis).light_line_style(WHITE).draw()?;
        for (at, (name, points)) in lines.iter().enumerate() {
            let colour = COLOURS[at % COLOURS.len()];
            chart.draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(2)))?;
            // Beside the lines: there is no corner that none of them crosses.
            let y = (at as i32 + 2) * NAME_HEIGHT;
            names.draw(&PathElement::new([(0, y), (18, y)], colour.stroke_width(2)))?;
            names.draw_text(name, &("sans-serif", 13).into_text_style(&names), (24, y - 7))?;
            chart.draw_series(points.iter().map(|point| Circle::new(*point, 3, colour.filled())))?;
        }
        root.present()?;
        Ok(())
    }
}

/// The least and the greatest of them that a logarithmic axis can show.
fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.filter(|value| *value > 0.0 && value.is_finite()).fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((least, most)) => Some((f64::min(least, value), f64::max(most, value))),
    })
}

#[cfg(test)]
mod tests {
    use super::{Plot, Shape};

    fn plot(shape: Shape) -> Plot {
        Plot { name: "p".into(), title: "Title".into(), axis: "µs".into(), says: String::new(), shape }
    }

    #[test]
    fn bars_and_lines_are_drawn_and_nothing_is_an_error() {
        let bars = plot(Shape::Bars(vec![("node".into(), 10.0, false), ("ours".into(), 1.0, true)])).svg().unwrap();
        assert!(bars.contains("node") && bars.contains("10.0") && bars.matches("<rect").count() >= 3, "{bars}");
        let lines = vec![("pages".to_owned(), vec![(1.0, 2.0), (10.0, 5.0)])];
        let lines = plot(Shape::Lines { over: "n".into(), lines }).svg().unwrap();
        assert!(lines.contains("pages") && lines.contains("<polyline"), "{lines}");
        assert!(plot(Shape::Bars(vec![("none".into(), f64::NAN, false)])).svg().is_err());
    }
}
