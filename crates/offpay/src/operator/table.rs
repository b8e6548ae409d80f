//! Tables for people: columns as wide as what stands in them.

use anyhow::Result;

use crate::output::{Output, Style};

/// A table with a heading over each column.
pub(super) struct Table {
    heads: Vec<&'static str>,
    /// Which columns are numbers: they end under one another.
    numbers: Vec<bool>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings; one that begins with `>` is over numbers.
    pub(super) fn new(heads: &[&'static str]) -> Self {
        Self {
            numbers: heads.iter().map(|head| head.starts_with('>')).collect(),
            heads: heads
                .iter()
                .map(|head| head.trim_start_matches('>'))
                .collect(),
            rows: Vec::new(),
        }
    }

    /// One more row.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Prints it.
    pub(super) fn print(&self, output: &Output) -> Result<()> {
        let mut lines = self.lines().into_iter();
        if let Some(heads) = lines.next() {
            output.line(&output.paint(Style::Dim, &heads))?;
        }
        for line in lines {
            output.line(&line)?;
        }
        Ok(())
    }

    fn lines(&self) -> Vec<String> {
        let heads: Vec<String> = self.heads.iter().map(|head| (*head).to_owned()).collect();
        let all: Vec<&Vec<String>> = std::iter::once(&heads).chain(&self.rows).collect();
        let width = |column: usize| {
            let cells = all.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        all.iter()
            .map(|row| {
                let cells: Vec<String> = row
                    .iter()
                    .enumerate()
                    .map(|(column, cell)| {
                        let width = width(column);
                        if self.numbers.get(column) == Some(&true) {
                            format!("{cell:>width$}")
                        } else {
                            format!("{cell:<width$}")
                        }
                    })
                    .collect();
                cells.join("  ").trim_end().to_owned()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let mut table = Table::new(&["who", ">how much"]);
        table.row(["ana".to_owned(), "7".to_owned()]);
        table.row(["somebody else".to_owned(), "1000".to_owned()]);
        assert_eq!(
            table.lines(),
            [
                "who            how much",
                "ana                   7",
                "somebody else      1000"
            ]
        );
    }
}
