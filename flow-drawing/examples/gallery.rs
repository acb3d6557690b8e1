//! Writes pictures to look at: `cargo run -p flow-drawing --example gallery -- FOLDER`.

use std::fs;
use std::path::PathBuf;

use flow_drawing::{Edge, Node, Picture, Shape, svg};

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".to_owned()));
    fs::create_dir_all(&folder)?;
    for (name, picture) in
        [("article", article()), ("joins", joins()), ("branches", branches()), ("loops", loops()), ("large", large())]
    {
        fs::write(folder.join(name).with_extension("svg"), svg(&picture))?;
    }
    Ok(())
}

fn picture(nodes: &[(&str, Shape, Option<usize>)], edges: &[(usize, usize, &str)]) -> Picture {
    let nodes = nodes.iter().map(|(label, shape, parent)| {
        let (label, note) = label.split_once('|').unwrap_or((label, ""));
        Node { label: label.to_owned(), note: note.to_owned(), shape: *shape, parent: *parent }
    });
    let edges = edges.iter().map(|(from, to, label)| Edge { from: *from, to: *to, label: (*label).to_owned() });
    Picture { nodes: nodes.collect(), edges: edges.collect() }
}

fn article() -> Picture {
    use Shape::{Branch, Done, Frame, Start, Step, Suspend};
    picture(
        &[
            ("start", Start, None),
            ("done", Done, None),
            ("research", Step, None),
            ("outline_seo", Frame, None),
            ("outline", Step, Some(3)),
            ("seo", Step, Some(3)),
            ("research.complexity", Branch, None),
            ("draft_simple", Step, None),
            ("draft_deep", Step, None),
            ("editor_review", Suspend, None),
            ("!decision.approved", Branch, None),
            ("revise", Step, None),
            ("second_look|editor_review", Suspend, None),
            ("summarise", Step, None),
        ],
        &[
            (0, 2, ""),
            (2, 3, ""),
            (3, 6, ""),
            (6, 7, "Complexity::Low"),
            (6, 8, "Complexity::High"),
            (7, 9, ""),
            (8, 9, ""),
            (9, 10, ""),
            (10, 11, "yes"),
            (11, 12, ""),
            (12, 10, ""),
            (10, 13, "no"),
            (13, 1, ""),
        ],
    )
}

fn joins() -> Picture {
    use Shape::{Done, Frame, Start, Step, Suspend, Wait, Workflow};
    picture(
        &[
            ("start", Start, None),
            ("done", Done, None),
            ("packed_billed_approved", Frame, None),
            ("packing", Workflow, Some(2)),
            ("bill", Step, Some(2)),
            ("approval", Suspend, Some(2)),
            ("pick_pack", Frame, Some(2)),
            ("pick", Step, Some(6)),
            ("pack", Step, Some(6)),
            ("deadline: the first", Frame, None),
            ("courier", Suspend, Some(9)),
            ("sleep", Wait, Some(9)),
            ("remind", Step, None),
            ("pages: each page in &pages", Frame, None),
            ("fetch", Step, Some(13)),
        ],
        &[(0, 2, ""), (4, 5, ""), (5, 6, ""), (2, 9, ""), (9, 12, "sleep"), (9, 13, "courier"), (12, 13, ""), (13, 1, "")],
    )
}

fn branches() -> Picture {
    use Shape::{Branch, Done, Start, Step};
    picture(
        &[
            ("start", Start, None),
            ("done", Done, None),
            ("order", Step, None),
            ("order.kind, which is a rather long condition to show", Branch, None),
            ("books", Step, None),
            ("food", Step, None),
            ("ship", Step, None),
        ],
        &[
            (0, 2, ""),
            (2, 3, ""),
            (3, 4, "Kind::Book"),
            (3, 5, "Kind::Food { cold: true, .. }"),
            (3, 1, "Kind::None"),
            (3, 1, "_"),
            (4, 6, ""),
            (5, 6, ""),
            (6, 1, ""),
        ],
    )
}

fn loops() -> Picture {
    use Shape::{Branch, Done, Start, Step};
    picture(
        &[
            ("start", Start, None),
            ("done", Done, None),
            ("list", Step, None),
            ("page in &pages", Branch, None),
            ("fetch", Step, None),
            ("line in page.lines()", Branch, None),
            ("read", Step, None),
            ("sum", Step, None),
        ],
        &[
            (0, 2, ""),
            (2, 3, ""),
            (3, 4, "yes"),
            (3, 7, "no"),
            (4, 5, ""),
            (5, 6, "yes"),
            (6, 5, "continue"),
            (6, 6, "again"),
            (5, 3, "no"),
            (6, 7, "break"),
            (7, 1, ""),
        ],
    )
}

fn large() -> Picture {
    let name = |n: usize| format!("step_{n}");
    let node = |n: usize| Node {
        label: name(n),
        note: String::new(),
        shape: if n % 5 == 3 { Shape::Branch } else { Shape::Step },
        parent: None,
    };
    let edge = |from, to, label: &str| Edge { from, to, label: label.to_owned() };
    let mut edges: Vec<_> = (0..39).map(|n| edge(n, n + 1, if n % 5 == 3 { "yes" } else { "" })).collect();
    edges.extend((0..7).map(|n| edge(n * 5 + 3, n * 5 + 6, "no")));
    edges.extend([edge(20, 11, ""), edge(35, 32, "")]);
    Picture { nodes: (0..40).map(node).collect(), edges }
}
