//! In a terminal.

use std::fmt::Write as _;

use super::Drawing;

/// Black on white, whatever the terminal's own colours are.
const INK: &str = "\x1b[38;2;0;0;0;48;2;255;255;255m";
const RESET: &str = "\x1b[0m";

impl Drawing {
    /// Two modules to a character, upper and lower half: the code is as wide as it is high.
    ///
    /// With `colours` it is black on white in dark and light terminals alike. Without, light modules are the ones that
    /// are drawn, as a dark terminal needs it.
    pub(crate) fn half_blocks(&self, colours: bool) -> String {
        let mut text = String::new();
        for y in (0..self.side()).step_by(2) {
            if colours {
                text.push_str(INK);
            }
            for x in 0..self.side() {
                // Below the last row lies light.
                let (upper, lower) = (self.is_dark(x, y), self.is_dark(x, y + 1));
                text.push(half(upper == colours, lower == colours));
            }
            if colours {
                text.push_str(RESET);
            }
            let _ = writeln!(text);
        }
        text
    }
}

/// A character with its upper and lower half drawn, or not.
const fn half(upper: bool, lower: bool) -> char {
    match (upper, lower) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    }
}
