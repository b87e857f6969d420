//! Tables as every command prints them.

use std::io;
use std::iter;
use std::mem;

use comfy_table::presets::NOTHING;
use comfy_table::{ColumnConstraint, Table, Width};
use wellhead_chain::sanitize;

/// Most characters of a cell; `-o json` has all of them.
pub(crate) const CELL: usize = 80;
/// Rows that are laid out at once.
const PART: usize = 1_000;
/// Blanks between two columns.
const GAP: u16 = 2;

/// Lines of columns, the header first, without rules.
pub(crate) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    part(Some(header), rows).trim_fmt() + "\n"
}

/// Takes a row of a table.
pub(crate) type Take<'t, const N: usize> = dyn FnMut([String; N]) -> io::Result<()> + 't;

/// Writes [`table`] of more rows than memory should hold: `give` gives each of them to what it gets, and is called twice.
pub(crate) fn write<const N: usize>(
    out: &mut impl io::Write,
    header: [&str; N],
    give: impl Fn(&mut Take<'_, N>) -> io::Result<()>,
) -> io::Result<()> {
    let mut widths = part(Some(header), iter::empty()).column_max_content_widths();
    in_parts(&give, |rows| {
        let those = part(None, rows).column_max_content_widths();
        widths.iter_mut().zip(those).for_each(|(widest, width)| *widest = width.max(*widest));
        Ok(())
    })?;
    let mut header = Some(header);
    in_parts(&give, |rows| {
        let mut table = part(header.take(), rows);
        for (column, width) in table.column_iter_mut().zip(&widths) {
            let width = Width::Fixed(width.saturating_add(GAP));
            column.set_constraint(ColumnConstraint::Absolute(width));
        }
        writeln!(out, "{}", table.trim_fmt())
    })
}

/// Some of the rows of a table.
fn part<const N: usize>(
    header: Option<[&str; N]>,
    rows: impl IntoIterator<Item = [String; N]>,
) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    if let Some(header) = header {
        table.set_header(header);
    }
    for row in rows {
        table.add_row(row.map(|cell| shorten(&cell)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    table
}

/// Takes rows, so many at once.
fn in_parts<const N: usize>(
    give: impl Fn(&mut Take<'_, N>) -> io::Result<()>,
    mut take: impl FnMut(Vec<[String; N]>) -> io::Result<()>,
) -> io::Result<()> {
    let mut rows = Vec::with_capacity(PART);
    give(&mut |row| {
        rows.push(row);
        if rows.len() < PART { Ok(()) } else { take(mem::take(&mut rows)) }
    })?;
    if rows.is_empty() { Ok(()) } else { take(rows) }
}

/// A cell of which no part steers the terminal or breaks the line.
fn shorten(text: &str) -> String {
    let text = sanitize(text, usize::MAX);
    match text.char_indices().nth(CELL) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_in_parts_stand_as_those_of_one_table_do() {
        let row = |at: usize| ["a".repeat(at % 7), "größe".repeat(at % 13), at.to_string()];
        let header = ["NAME", "SIZE", "AT"];
        for rows in [1, PART - 1, PART, 2 * PART + 13] {
            let mut written = Vec::new();
            write(&mut written, header, |take| (0..rows).map(row).try_for_each(&mut *take))
                .unwrap();
            let written = String::from_utf8(written).unwrap();
            assert!(written == table(header, (0..rows).map(row)), "{rows} rows");
        }
    }
}
