"""What this course calls what its data hold, and its own words for mistakes in a fit."""

from oxboys_mlm.assessment.fit_mistakes import Vocabulary

OXBOYS = Vocabulary(
    unit="boy",
    units="boys",
    occasion="Occasion",
    names={
        "no_predictor": "age_missing",
        "occasion_instead_of_predictor": "occasion_instead_of_age",
        "predictor_rescaled": "age_rescaled",
        "predictor_shifted": "age_shifted",
        "predictor_transformed": "age_transformed",
    },
    texts={
        "other_data": "This model was not fitted to all {rows} measurements of {groups} boys. Fit it to `data` as it "
        "was loaded; if you changed `data`, run the first cell again.",
        "data_changed": "Your `data` is no longer as it was loaded: values of a column that this model uses were "
        "changed or overwritten. Run the first cell again (`data = load_oxboys()`), then this one. Your formula is not "
        "the problem.",
        "shuffled_data": "The columns of this model come from different rows: heights no longer stand beside the ages "
        "that belong to them. Fit it to `data` as it was loaded; if you changed `data`, run the first cell again.",
        "outcome_rescaled": "The outcome has been rescaled. Use `height` in centimetres, so that the estimates keep "
        "their meaning.",
        "grouped_by_occasion": "The model groups by `Occasion`: it lets the nine visits differ, not the boys. Which "
        "column says who was measured?",
        "occasion_dummies": "The visits stand in the formula as categories, with a coefficient for each. The task asks "
        "for `age`, one slope over all visits.",
        "occasion_instead_of_age": "The predictor is `Occasion`, the number of the visit. The task asks for `age`, "
        "which says when the visit really was.",
        "age_rescaled": "The model has the right form, but its predictor is a rescaled `age`. Use the column as it is, "
        "so that the slope is per year and age 0 stays in the middle of the study.",
        "age_shifted": "The model has the right form, but its predictor is a shifted `age`: its 0 is no longer in the "
        "middle of the study, so that the intercept means something else. Use the column as it is.",
        "no_fixed_intercept": "The formula removes the fixed intercept (`- 1` or `0 +`), so the average line must pass "
        "through a height of 0 cm at age 0. Leave the fixed intercept in.",
        "predictor_missing": "A predictor that the model asks for is missing in the formula. A power counts only "
        "inside `I(…)`: without it, a formula takes `age ** 2` for `age`. Compare your call with the model's equation, "
        "term by term.",
        "random_slope_missing": "Every boy has his own intercept here, but all share one slope. Let the slope of "
        "`{predictor}` vary between boys too: look at `re_formula`.",
        "random_slope_added": "Slopes vary between boys here. This model comes later: for now only the intercept "
        "varies.",
    },
)
