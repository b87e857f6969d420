//! Texts as they are written into YAML.

use std::borrow::Cow;

/// A text as an item of a YAML list, block or flow: plain where nobody could read it as anything
/// else, in single quotes otherwise. The text has no line breaks.
pub fn yaml_item(text: &str) -> Cow<'_, str> {
    // `1e3`, `null`, `~`, `*` and `[` mean something; so do `true` and `off` to some readers.
    const WORDS: [&str; 8] = ["null", "true", "false", "yes", "no", "on", "off", "nan"];
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'/');
    let word = WORDS.iter().any(|word| word.eq_ignore_ascii_case(text));
    let short = text.len() < 2;
    if text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(plain)
        && !word
        && !short
    {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("'{}'", text.replace('\'', "''")))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::path::tests::segment;
    use crate::{FieldPath, PathPattern};

    fn read(list: &str) -> Vec<String> {
        serde_saphyr::from_str(list).unwrap()
    }

    #[test]
    fn common_paths_need_no_quotes() {
        assert_eq!(yaml_item("containers.nginx.image"), "containers.nginx.image");
        assert_eq!(yaml_item("claims.*.size"), "'claims.*.size'");
        assert_eq!(yaml_item(r#"labels["a.b/c"]"#), r#"'labels["a.b/c"]'"#);
        for word in ["null", "Yes", "y", "1e3", "~", "-", "**", "it's"] {
            assert!(yaml_item(word).starts_with('\''), "{word}");
        }
    }

    proptest! {
        /// What a message says can be pasted, whatever the names in it are.
        #[test]
        fn a_path_reads_back_from_a_list_of_either_style(
            segments in prop::collection::vec(segment(), 1..5)
        ) {
            let path: FieldPath = segments.into_iter().collect();
            let text = path.to_string();
            let item = yaml_item(&text);
            prop_assert!(!item.chars().any(char::is_control));
            for list in [format!("- {item}\n"), format!("[{item}]\n"), format!("[a, {item}, b]\n")] {
                prop_assert!(read(&list).contains(&text), "{}", list);
            }
            prop_assert!(text.parse::<PathPattern>().unwrap().matches(&path));
        }
    }
}
