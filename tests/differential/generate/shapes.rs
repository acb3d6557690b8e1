//! Which statements there are, how often they are tried, and what is counted.

use super::Make;

/// A statement; whether it could be written here.
pub(crate) type Statement = fn(&mut Make) -> bool;

pub(crate) const STATEMENTS: &[(&str, Statement)] = &[
    ("sequence", Make::sequence),
    ("sequence", Make::sequence),
    ("let mut", Make::let_mut),
    ("assignment", Make::assignment),
    ("`+=`", Make::add),
    ("shadowing, same type", Make::shadow_same),
    ("shadowing, another type", Make::shadow_other),
    ("shadowing in an inner block", Make::shadow_inside),
    ("destructuring", Make::destructure),
    ("reference kept", Make::reference),
    ("closure", Make::closure),
    ("nested fn item", Make::item),
    ("macros", Make::macros),
    ("awaits in arguments", Make::arguments),
    ("`?` on a plain result", Make::plain_question),
    ("`.await` without `?`", Make::outcome),
    ("block value", Make::block_value),
    ("move", Make::moved),
    ("fields and elements", Make::fields),
    ("let without a value", Make::let_later),
    ("labelled block", Make::labelled_block),
    ("plain loop", Make::plain_loop),
    ("if statement", Make::if_statement),
    ("if value", Make::if_value),
    ("if let", Make::if_let),
    ("let chain", Make::let_chain),
    ("match with guards", Make::match_guards),
    ("match by value", Make::match_value),
    ("match on a number", Make::match_number),
    ("let else", Make::let_else),
    ("early return", Make::early_return),
    ("await in a condition", Make::condition_awaits),
    ("while", Make::while_loop),
    ("while let", Make::while_let),
    ("loop with `break value`", Make::break_value),
    ("labelled loops", Make::labelled_loops),
    ("jump out of a plain loop", Make::jump_from_plain),
    ("`for` over a list", Make::for_list),
    ("`for` over a range", Make::for_range),
    ("`for` with the index", Make::for_index),
    ("`for` takes the list", Make::for_taken),
    ("try_join!", Make::try_join),
    ("try_join!", Make::try_join),
    ("join_all!", Make::join_all),
    ("join_all!", Make::join_all),
    ("try_join_all!", Make::try_join_all),
    ("select!", Make::select),
    ("join!", Make::join),
];

/// What is counted. Each is to be met at least twenty times.
pub(crate) const SHAPES: &[&str] = &[
    "sequence",
    "let mut",
    "assignment",
    "`+=`",
    "shadowing, same type",
    "shadowing, another type",
    "shadowing in an inner block",
    "shadowing in an arm",
    "destructuring",
    "reference kept",
    "closure",
    "nested fn item",
    "macros",
    "awaits in arguments",
    "await in a condition",
    "`?` on a plain result",
    "`.await` without `?`",
    "error of a step",
    "block value",
    "move",
    "fields and elements",
    "let without a value",
    "labelled block",
    "plain loop",
    "if statement",
    "if value",
    "if let",
    "let chain",
    "match with guards",
    "match by value",
    "match on a number",
    "let else",
    "nested branches",
    "early return",
    "early return in an arm",
    "while",
    "while let",
    "loop with `break value`",
    "labelled loops",
    "jump out of a plain loop",
    "break or continue",
    "`for` over a list",
    "`for` over a range",
    "`for` with the index",
    "`for` takes the list",
    "try_join!",
    "join!",
    "join_all!",
    "try_join_all!",
    "select!",
    "nested join",
    "arm of several nodes",
    "suspension",
    "suspension in an arm",
    "error in an arm",
    "nested workflow",
    "tail await",
];

impl Make {
    /// Up to so many statements, fewer where no place is left.
    pub(crate) fn statements(&mut self, most: usize) {
        let count = if self.depth == 0 { most } else { 1 + self.random.below(most) };
        for done in 0..count {
            if done > 0 && self.places == 0 {
                return;
            }
            self.statement();
        }
    }

    fn statement(&mut self) {
        for _ in 0..12 {
            let wanted = self.random.below(3) < 2 && !self.wanted.is_empty();
            let index = if wanted { self.wanted.remove(0) } else { self.random.below(STATEMENTS.len()) };
            let (shape, write) = STATEMENTS[index];
            if write(self) {
                self.count(shape);
                return;
            }
            if wanted {
                self.wanted.push(index);
            }
        }
        self.note();
    }
}
