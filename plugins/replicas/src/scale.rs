//! How many replicas a pipeline has.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use wellhead_plugin::Rejection;

/// How many replicas a pipeline has: a number, or bounds for the number that it names itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scale {
    /// The number. Left out: the pipeline's own.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub replicas: Option<i32>,
    /// The least number of a pipeline that runs. Zero, a stopped one, stays.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub min: Option<i32>,
    /// The greatest number.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub max: Option<i32>,
    /// Whether the number must be odd, as members that vote need it: an even number becomes the next
    /// odd one, or the one before where the next is above `max`.
    #[serde(default)]
    pub odd: bool,
}

impl Scale {
    /// The number of replicas of a pipeline that names `current`. The rejection says which
    /// settings contradict each other.
    ///
    /// Bounds leave a stopped pipeline alone, as those of a `HorizontalPodAutoscaler` do: whoever stops
    /// one, for a restore or at night, relies on that.
    /// <https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#implicit-maintenance-mode-deactivation>
    pub fn apply(&self, current: i32) -> Result<i32, Rejection> {
        let (min, max) = (self.min.unwrap_or(0), self.max.unwrap_or(i32::MAX));
        if min > max {
            return Err(wrong(format!("`min` {min} is greater than `max` {max}"))
                .hint("swap the two numbers"));
        }
        if let Some(exact) = self.replicas {
            return self.exact(exact, min, max);
        }
        let running = self.running(current.clamp(min, max), min, max)?;
        Ok(if current == 0 { 0 } else { running })
    }

    /// A number within the bounds, made odd where that is asked for.
    fn running(&self, bounded: i32, min: i32, max: i32) -> Result<i32, Rejection> {
        if !self.odd || bounded == 0 || bounded % 2 != 0 {
            return Ok(bounded);
        }
        // `bounded` is even, hence at least 2 and less than the greatest i32, which is odd.
        if bounded < max {
            Ok(bounded + 1)
        } else if bounded > min {
            Ok(bounded - 1)
        } else {
            Err(wrong(format!("no odd number is between `min` {min} and `max` {max}"))
                .hint("widen the bounds, or remove `odd`"))
        }
    }
}

impl Scale {
    /// The number that the config names, when it keeps to the config's own bounds.
    fn exact(&self, exact: i32, min: i32, max: i32) -> Result<i32, Rejection> {
        if !(min..=max).contains(&exact) {
            return Err(wrong(format!("`replicas` {exact} is outside `min` and `max`"))
                .hint("leave out `min` and `max` where `replicas` names the number"));
        }
        if self.odd && exact != 0 && exact % 2 == 0 {
            return Err(wrong(format!("`replicas` {exact} is not odd"))
                .hint("write an odd number, or remove `odd`"));
        }
        Ok(exact)
    }
}

/// A rejection of the config.
fn wrong(message: String) -> Rejection {
    Rejection::new(message).code("invalid-config")
}

/// The settings, as reasons write them: `at least 3, odd`.
impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            self.replicas.map(|replicas| format!("{replicas} replicas")),
            self.min.map(|min| format!("at least {min}")),
            self.max.map(|max| format!("at most {max}")),
            self.odd.then(|| "odd".to_owned()),
        ];
        f.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_even_number_becomes_the_next_odd_one_or_the_one_before_at_the_maximum() {
        let odd = Scale { odd: true, ..Scale::default() };
        assert_eq!(odd.apply(4), Ok(5));
        assert_eq!(Scale { max: Some(4), ..odd }.apply(4), Ok(3));
        assert_eq!(Scale { max: Some(4), ..odd }.apply(9), Ok(3));
    }

    #[test]
    fn a_stopped_pipeline_stays_stopped_unless_an_exact_number_says_otherwise() {
        let odd = Scale { odd: true, ..Scale::default() };
        assert_eq!(odd.apply(0), Ok(0));
        assert_eq!(Scale { min: Some(2), ..odd }.apply(0), Ok(0));
        assert_eq!(Scale { min: Some(2), ..odd }.apply(1), Ok(3));
        assert_eq!(Scale { replicas: Some(3), ..odd }.apply(0), Ok(3));
    }

    #[test]
    fn settings_that_contradict_each_other_are_rejected() {
        let message = |scale: Scale| scale.apply(1).unwrap_err().message.clone();
        let bounds = Scale { min: Some(4), max: Some(4), ..Scale::default() };
        assert_eq!(
            message(Scale { odd: true, ..bounds }),
            "no odd number is between `min` 4 and `max` 4"
        );
        assert_eq!(message(Scale { max: Some(3), ..bounds }), "`min` 4 is greater than `max` 3");
        assert_eq!(
            message(Scale { replicas: Some(5), ..bounds }),
            "`replicas` 5 is outside `min` and `max`"
        );
        let even = Scale { replicas: Some(4), odd: true, ..Scale::default() };
        assert_eq!(message(even), "`replicas` 4 is not odd");
    }

    prop_compose! {
        fn scale()(
            replicas in prop::option::of(0..20i32),
            min in prop::option::of(0..20i32),
            max in prop::option::of(prop_oneof![0..20i32, Just(i32::MAX)]),
            odd: bool,
        ) -> Scale {
            Scale { replicas, min, max, odd }
        }
    }

    proptest! {
        #[test]
        fn the_result_keeps_every_setting(scale in scale(), current in 0..=i32::MAX) {
            if let Ok(result) = scale.apply(current) {
                prop_assert!(scale.replicas.is_none_or(|exact| exact == result));
                let stopped = current == 0 && result == 0;
                prop_assert!(stopped || scale.min.is_none_or(|min| min <= result));
                prop_assert!(scale.max.is_none_or(|max| result <= max));
                prop_assert!(!scale.odd || result % 2 == 1 || result == 0);
            }
        }

        #[test]
        fn a_second_run_changes_nothing(scale in scale(), current in 0..40i32) {
            if let Ok(result) = scale.apply(current) {
                prop_assert_eq!(scale.apply(result), Ok(result));
            }
        }

        #[test]
        fn a_rejection_means_that_no_number_would_do(scale in scale(), current in 0..40i32) {
            if scale.apply(current).is_err() {
                let (min, max) = (scale.min.unwrap_or(0), scale.max.unwrap_or(i32::MAX));
                let possible = (min..=max.min(50)).any(|number| {
                    scale.replicas.is_none_or(|exact| exact == number)
                        && (!scale.odd || number % 2 == 1)
                });
                prop_assert!(!possible);
            }
        }
    }
}
