//! Quantities are what Kubernetes makes of them; `tests/kubernetes` of this repository says how the
//! vectors are made.

use std::cmp::Ordering;

use serde::Deserialize;
use wellhead_plugin::Quantity;

#[derive(Deserialize)]
struct Vectors {
    read: Vec<Read>,
    refused: Vec<Refused>,
    compared: Vec<Compared>,
    calculated: Vec<Calculated>,
    multiplied: Vec<Multiplied>,
}

#[derive(Deserialize)]
struct Read {
    text: String,
    canonical: String,
    whole: String,
}

#[derive(Deserialize)]
struct Refused {
    text: String,
    message: String,
}

#[derive(Deserialize)]
struct Compared {
    a: Quantity,
    b: Quantity,
    order: i8,
}

#[derive(Deserialize)]
struct Calculated {
    a: Quantity,
    b: Quantity,
    sum: String,
    difference: String,
}

#[derive(Deserialize)]
struct Multiplied {
    text: Quantity,
    by: i64,
    product: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../kubernetes.json")).expect("vectors are JSON")
}

#[test]
fn amounts_are_read_and_printed_as_kubernetes_does() {
    for Read { text, canonical, whole } in vectors().read {
        let quantity: Quantity = text.parse().unwrap();
        assert_eq!(quantity.to_string(), canonical, "{text}");
        assert_eq!(quantity.whole().to_string(), whole, "{text}");
        assert_eq!(canonical.parse::<Quantity>().unwrap(), quantity, "{text}");
    }
}

#[test]
fn other_texts_are_refused_with_the_reason() {
    for Refused { text, message } in vectors().refused {
        assert_eq!(text.parse::<Quantity>().unwrap_err().to_string(), message);
    }
}

#[test]
fn amounts_are_compared_and_calculated_as_kubernetes_does() {
    for Compared { a, b, order } in vectors().compared {
        assert_eq!(a.cmp(&b), order.cmp(&0), "{a} {b}");
        assert_eq!(a == b, order == 0);
    }
    for Calculated { a, b, sum, difference } in vectors().calculated {
        assert_eq!(a.checked_add(b).unwrap().to_string(), sum, "{a} {b}");
        assert_eq!(a.checked_sub(b).unwrap().to_string(), difference, "{a} {b}");
    }
    for Multiplied { text, by, product } in vectors().multiplied {
        assert_eq!(text.checked_mul(by).unwrap().to_string(), product, "{text} {by}");
    }
}

#[test]
fn what_is_too_large_is_none() {
    let most: Quantity = "170141183460469231731687303715".parse().unwrap();
    assert_eq!(most.checked_add(Quantity::of(1)), None);
    assert_eq!(most.checked_mul(2), None);
    assert_eq!(Quantity::of(2).cmp(&Quantity::of(1)), Ordering::Greater);
}
