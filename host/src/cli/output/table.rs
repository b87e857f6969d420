//! Tables as every command prints them.

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use wellhead_chain::sanitize;

/// Most characters of a cell; `-o json` has all of them.
const CELL: usize = 80;
/// Blanks between two columns.
const GAP: u16 = 2;

/// Lines of columns, the header first, without rules.
pub(crate) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(header);
    for row in rows {
        table.add_row(row.map(|cell| shorten(&cell)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    table.trim_fmt() + "\n"
}

/// A cell of which no part steers the terminal or breaks the line.
fn shorten(text: &str) -> String {
    let text = sanitize(text, usize::MAX);
    match text.char_indices().nth(CELL) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text,
    }
}
