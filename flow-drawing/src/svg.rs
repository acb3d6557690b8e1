//! The layout as an SVG.

use std::fmt::Write;

use crate::text::{SIZE, SMALL, shown};
use crate::{Layout, Node, Picture, Rect, Shape, Way};

const STYLE: &str = "\
.flow-box{fill:#f6f8fa;stroke:#57606a}.flow-step{fill:#ddf4ff;stroke:#0969da}.flow-ask{fill:#fff8c5;stroke:#9a6700}\
.flow-wait{fill:#fbefff;stroke:#8250df}.flow-flow{fill:#dafbe1;stroke:#1a7f37}.flow-frame{fill:#8c959f;fill-opacity:.09;stroke:#8c959f;stroke-dasharray:5 4}\
.flow-way{fill:none;stroke:#57606a;stroke-width:1.3}.flow-head{fill:#57606a}.flow-text{fill:#1f2328}.flow-small{fill:#59636e}\
@media(prefers-color-scheme:dark){.flow-box{fill:#21262d;stroke:#8d96a0}.flow-step{fill:#0c2d4d;stroke:#4493f8}\
.flow-ask{fill:#3b2e08;stroke:#d29922}.flow-wait{fill:#2f1f4a;stroke:#ab7df8}.flow-flow{fill:#0f2f1b;stroke:#3fb950}\
.flow-way{stroke:#8d96a0}.flow-head{fill:#8d96a0}.flow-text{fill:#f0f6fc}.flow-small{fill:#9198a1}}";

pub(crate) fn draw(picture: &Picture, layout: &Layout) -> String {
    let (width, height) = (layout.width.ceil(), layout.height.ceil());
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" \
         font-family=\"Helvetica,Arial,sans-serif\"><style>{STYLE}</style>"
    );
    // Frames first: what stands in them is drawn over them.
    for (node, rect) in picture.nodes.iter().zip(&layout.boxes).filter(|(node, _)| node.shape == Shape::Frame) {
        shape(&mut out, node, *rect);
    }
    for (edge, drawn) in picture.edges.iter().zip(&layout.ways) {
        way(&mut out, drawn);
        if let Some(at) = drawn.label {
            line(&mut out, &edge.label, at.x, at.y + 11.5, SMALL, "flow-small", "start");
        }
    }
    for (node, rect) in picture.nodes.iter().zip(&layout.boxes).filter(|(node, _)| node.shape != Shape::Frame) {
        shape(&mut out, node, *rect);
    }
    out.push_str("</svg>");
    out
}

fn shape(out: &mut String, node: &Node, Rect { x, y, width, height }: Rect) {
    let rect = |out: &mut String, class: &str, inset: f64, round: f64| {
        let (x, y, width, height) = (x + inset, y + inset, width - 2.0 * inset, height - 2.0 * inset);
        let _ = write!(
            out,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{round}\"/>"
        );
    };
    let points = |out: &mut String, class: &str, slant: f64| {
        let (left, right, middle, bottom) = (x + slant, x + width - slant, y + height / 2.0, y + height);
        let _ = match node.shape {
            Shape::Branch => write!(
                out,
                "<polygon class=\"{class}\" points=\"{x:.1},{middle:.1} {left:.1},{y:.1} {right:.1},{y:.1} {:.1},{middle:.1} {right:.1},{bottom:.1} {left:.1},{bottom:.1}\"/>",
                x + width
            ),
            _ => write!(
                out,
                "<polygon class=\"{class}\" points=\"{left:.1},{y:.1} {:.1},{y:.1} {right:.1},{bottom:.1} {x:.1},{bottom:.1}\"/>",
                x + width
            ),
        };
    };
    out.push_str("<g>");
    if node.label != shown(&node.label) {
        let _ = write!(out, "<title>{}</title>", escaped(&node.label));
    }
    match node.shape {
        Shape::Start | Shape::Done => rect(out, "flow-box", 0.0, height / 2.0),
        Shape::Step => rect(out, "flow-step", 0.0, 6.0),
        Shape::Suspend => points(out, "flow-ask", 12.0),
        Shape::Wait => rect(out, "flow-wait", 0.0, height / 2.0),
        Shape::Workflow => {
            rect(out, "flow-flow", 0.0, 3.0);
            rect(out, "flow-flow", 3.0, 2.0);
        }
        Shape::Branch => points(out, "flow-box", 14.0),
        Shape::Frame => rect(out, "flow-frame", 0.0, 8.0),
    }
    let (middle, centre) = (x + width / 2.0, y + height / 2.0);
    if node.shape == Shape::Frame {
        line(out, &node.label, x + 12.0, y + 16.0, SIZE, "flow-small", "start");
    } else if node.note.is_empty() {
        line(out, &node.label, middle, centre + 4.5, SIZE, "flow-text", "middle");
    } else {
        line(out, &node.label, middle, centre - 2.0, SIZE, "flow-text", "middle");
        line(out, &node.note, middle, centre + 12.0, SMALL, "flow-small", "middle");
    }
    out.push_str("</g>");
}

fn line(out: &mut String, text: &str, x: f64, y: f64, size: f64, class: &str, anchor: &str) {
    let text = escaped(&shown(text));
    let _ = write!(
        out,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" text-anchor=\"{anchor}\">{text}</text>"
    );
}

fn way(out: &mut String, way: &Way) {
    let Some((first, rest)) = way.points.split_first() else { return };
    let mut path = format!("M{:.1} {:.1}", first.0, first.1);
    if way.back {
        turns(&mut path, &way.points);
    } else {
        curves(&mut path, *first, rest);
    }
    let _ = write!(out, "<path class=\"flow-way\" d=\"{path}\"/>");
    if let Some((x, y)) = way.points.last() {
        let _ = write!(out, "<path class=\"flow-head\" d=\"M{x:.1} {y:.1}l-4 -7h8z\"/>");
    }
}

/// Upright where it passes a rank, a curve between two ranks.
fn curves(path: &mut String, mut from: (f64, f64), points: &[(f64, f64)]) {
    for to in points {
        let middle = (from.1 + to.1) / 2.0;
        let _ = if (from.0 - to.0).abs() < 0.05 {
            write!(path, "L{:.1} {:.1}", to.0, to.1)
        } else {
            write!(path, "C{:.1} {middle:.1} {:.1} {middle:.1} {:.1} {:.1}", from.0, to.0, to.0, to.1)
        };
        from = *to;
    }
}

/// Level and upright parts with round corners.
fn turns(path: &mut String, points: &[(f64, f64)]) {
    const ROUND: f64 = 6.0;
    let towards = |a: (f64, f64), b: (f64, f64)| {
        let length = (b.0 - a.0).hypot(b.1 - a.1).max(0.01);
        let part = ROUND.min(length / 2.0) / length;
        (a.0 + (b.0 - a.0) * part, a.1 + (b.1 - a.1) * part)
    };
    for corner in points.windows(3) {
        let (before, after) = (towards(corner[1], corner[0]), towards(corner[1], corner[2]));
        let _ =
            write!(path, "L{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}", before.0, before.1, corner[1].0, corner[1].1, after.0, after.1);
    }
    if let Some((x, y)) = points.last() {
        let _ = write!(path, "L{x:.1} {y:.1}");
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // What XML does not allow, even written as a number.
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
