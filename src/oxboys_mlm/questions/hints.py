"""A second and a third hint for each question; the first is what its check says.

Each names more of the way, and none the answer. For a choice, a hint says what to compare, never what to choose.
"""

from __future__ import annotations

#: The second and the third hint, by the question's key.
HINTS: dict[str, tuple[str, str]] = {
    # ---- 1 · Looking at the data
    "pooled_plot": (
        "`sns.lmplot` and `sns.regplot` both draw points and a line. They want to know three things: the table "
        "(`data=`), the column for the x-axis (`x=`) and the column for the y-axis (`y=`).",
        'Write `pooled_plot = sns.lmplot(data=data, x="…", y="…")` with the two column names. One line for everybody '
        "means: no `hue`, no `col`, no grouping of any kind.",
    ),
    "subject_plot": (
        "Begin with the call of Task 1. One more argument says which column tells the lines apart; it also gives each "
        "group its colour.",
        "The argument is `hue`. The column is the one that says which boy. Add `ci=None`, and store the result under "
        "the new name.",
    ),
    "needs_multilevel": (
        "Independent errors would look like this: the nine points of one boy lie on either side of the one line, as "
        "if by the toss of a coin. Find some boys in your second plot. Is that what you see?",
        "If errors are independent, an ordinary regression is enough. If knowing one point of a boy tells you where "
        "his others are, it is not. Say which it is here.",
    ),
    "deciding_observation": (
        "Ask of each statement: could it also be true if the errors of the one line were independent? If so, it "
        "decides nothing.",
        "The question is about the single line and about what one error tells you of the other errors of the same "
        "boy. Two of the statements are not about the single line at all.",
    ),
    "needs_multilevel_why": (
        "Begin with something that you see about single boys in the second picture. Then say what it means for the "
        "errors of the one line.",
        "Four parts: what you see; what it means for the errors; which part of the output of the ordinary regression "
        "is then wrong; and whether the lines are parallel.",
    ),
    # ---- 2 · The null model
    "null_fit": (
        "The formula has the outcome on the left of `~` and the predictors on the right. A model without predictors "
        "still has an intercept, which is written `1`.",
        '`smf.mixedlm("… ~ 1", data, groups=…)` makes the model; `.fit()` at the end estimates it. The groups are '
        "the boys: which column says which boy?",
    ),
    "calculate_icc": (
        "A function takes everything from its argument. Inside it use `results`, not `null_fit`: then it also works "
        "for fits that it has never seen.",
        "Two lines are enough: take the variance between boys out of the table `results.cov_re` (`.iloc[0, 0]`), then "
        "`return` it divided by its sum with `results.scale`. Mind the brackets.",
    ),
    "icc": (
        "You have a function for it, and a fit. Call the one with the other.",
        "Write the name of your function, and in its brackets the name of your fit. Leave the number as it is: no "
        "rounding, no percent sign.",
    ),
    "intercept_variance_row": (
        "The lower table of `null_fit.summary()` has two rows. One is the average height. What is the other called?",
        "A row with a variance ends in `Var`. The word before it comes from what you wrote in `groups=`. Copy both "
        "words, in quotation marks.",
    ),
    "icc_meaning": (
        "Say what stands above and below the line of the fraction. What is it a share of?",
        "Put each option to the test: would it have to change if heights were measured in inches? If every boy were "
        "measured once more? The ICC would not.",
    ),
    "icc_interpretation": (
        "Say what the two variances are, in your own words, before you say anything about their share.",
        "Four parts: the share and of what; whose differences; what it means for two measurements of the same boy; "
        "and why an ordinary regression would be too sure.",
    ),
    # ---- 3 · The random-intercept model
    "random_intercept_fit": (
        "Begin with the null model. One thing is new: a predictor on the right of `~`.",
        '`smf.mixedlm("height ~ …", data, groups=…).fit()` with the predictor that says when a boy was measured. The '
        "intercept varies by itself; nothing else is needed for it.",
    ),
    "average_slope": (
        "The average slope is a fixed effect. All fixed effects stand in `random_intercept_fit.fe_params`, each under "
        "the name of its predictor.",
        "Take the entry of the predictor out of `random_intercept_fit.fe_params` with square brackets and its name in "
        "quotation marks.",
    ),
    "within_explained": (
        "The variance within boys is `scale`. You need it twice: before age is in the model, and after.",
        "What has gone is the first `scale` minus the second. As a share: divide that by the one you began with.",
    ),
    "slope_meaning": (
        "The slope is one number for all boys. Read each option with the number in it: of whom does it speak?",
        "A coefficient of a linear model says how much the outcome changes, on average, when its predictor rises by "
        "one unit. What is one unit of `age`, and does the model compare boys with each other here, or each with "
        "himself?",
    ),
    "slope_interpretation": (
        "Begin with the number and its two units: cm of what, per what?",
        "Four parts: the number with its units; whose growth it is; what every boy has in common in this model and "
        "what not; and how sure the estimate is.",
    ),
    # ---- 4 · The random-slope model
    "random_slope_fit": (
        "The formula stays as it was. What is allowed to vary between boys is said by another argument, `re_formula`.",
        'Add `re_formula="~…"` with the predictor whose slope may vary. The intercept still varies: it stays in '
        "unless you take it out.",
    ),
    "slope_variance": (
        "Print `random_slope_fit.cov_re`. It is a square table: variances stand on the diagonal, the covariance beside "
        "it, twice.",
        "The row and the column of the slope have the name of its predictor. Take that entry with "
        '`.loc["…", "…"]`, the same name twice.',
    ),
    "intercept_slope_correlation": (
        "A correlation is a covariance without units: divided by the standard deviation of the one and by that of "
        "the other.",
        "Take three numbers out of `random_slope_fit.cov_re`: both variances and the covariance. A standard deviation "
        "is the root of a variance (`np.sqrt`). Divide the covariance by the product of the two roots.",
    ),
    "se_ratio": (
        "Two models, one standard error from each: that of `age`. The standard errors of the fixed effects are in "
        "`bse_fe`.",
        'Both have an entry called "age". Divide the one of the model with random slopes by the one of the '
        "model without.",
    ),
    "correlation_meaning": (
        "Look at the sign first: do large intercepts go with large slopes, or with small ones?",
        "An intercept is the height at age 0. So the correlation speaks of two things about each boy: how tall he is "
        "then, and how fast he grows. It says nothing about causes or about other ages.",
    ),
    "random_slope_interpretation": (
        "Go from the top of the output to the bottom, a sentence or two for each number. Give units.",
        "Four parts: the two fixed effects; `Scale` and what it is the variance of; how much slopes vary, and the "
        "correlation; and why the standard error of age has grown.",
    ),
    # ---- 5 · Slopes without intercepts
    "slope_only_fit": (
        "Two formulas stand in this call. The first describes the average boy, the second (`re_formula`) how boys "
        "differ. Only one of them loses its intercept.",
        "In `re_formula`, `- 1` after the predictor takes the intercept out. The first formula stays as in notebook 4.",
    ),
    "vanished_rows": (
        "Print `fan.summary()` and `slope_only_fit.summary()`. Go down the first table, and tick each row that is in "
        "the second as well.",
        "What is left are rows that need a random intercept: what describes it alone, and what describes it together "
        "with something else. Copy both names.",
    ),
    "slope_only_trustworthy": (
        "Notebook 4 estimated how much slopes vary, and its likelihood ratio left no doubt. Does this fit say the "
        "same?",
        "Would you tell a paediatrician what this fit says about the differences in growth? Think of what the 26 own "
        "lines in notebook 1 looked like.",
    ),
    "why_singular": (
        "Look at the residual variance of this model and of notebook 4's. What has come into it?",
        "The slopes are the only place left for differences between boys. Go through the options: which names "
        "something that `try_optimisers` or the picture above rules out?",
    ),
    "slope_only_difference": (
        "Put the two outputs side by side and go down row by row: what is gone, what is larger, what is smaller?",
        "Four parts: the rows that vanished; the slope variance; where the differences between boys went; and what you "
        "would do with such a fit.",
    ),
    # ---- 6 · Borrowing strength
    "own_slope_variance": (
        "Collect the 26 slopes in a list or an array first, and look at them: they lie between some 4 and 9 cm per "
        "year. Then take their variance.",
        "`np.polyfit(age, height, deg=1)` returns slope and intercept, in this order. Call it for every boy of "
        '`data.groupby("Subject")`, keep the first number, and end with `.var(ddof=1)`.',
    ),
    "noise_variance": (
        "Begin with one boy: take his nine ages, subtract their mean, square, sum. Then divide `fan.scale` by it.",
        '`data.groupby("Subject")["age"]` gives the ages boy by boy; `.agg(…)` with a function of your own returns one '
        "number for each boy. Divide `fan.scale` by these numbers, then take the mean.",
    ),
    "shrinkage_factor": (
        "Two numbers come out of `results`: the variance between boys (`cov_re.iloc[0, 0]`) and the residual variance "
        "(`scale`). The third, `n`, is an argument.",
        "Start with `def shrinkage_factor(results, n):`. The line that returns the number has the variance between "
        "boys on top; below the line, in brackets, stands the sum of that variance and of the noise of a mean.",
    ),
    "sparse_fit": (
        "First make the smaller table and count its rows with `len(…)`: 227 should be left. Then fit the model of "
        "notebook 4 to this table, not to `data`.",
        'A row stays if its boy is not boy 4, or if its visit is one of the first two: `(data["Subject"] != 4) | '
        "(…)`. Put brackets around both conditions. In `smf.mixedlm`, take `groups` from the smaller table too.",
    ),
    "boy4_forecast": (
        "Write down four numbers: average intercept, average slope, and the two deviations of boy 4. Which belong "
        "together?",
        "His intercept is the average one plus his first deviation; his slope is the average one plus his second. His "
        "height is his intercept plus his slope times his age at visit 9, which is in `data`.",
    ),
    "why_less_spread": (
        "Test each reason by numbers: how much would the variance change if one divided by 26 in place of 25? And do "
        "other optimisers give other variances?",
        "Think of a boy with one visit. Where does the model put his line? And how sure is it that he is there?",
    ),
    "forecast_reflection": (
        "Look at the figure with the errors, at two known visits. Then ask what happens to each of the three lines if "
        "the second height was measured half a centimetre too high.",
        "Four parts: your choice, with what is wrong with another; what gives a boy's own data weight; for whom it "
        "makes no difference; and in which direction the forecast is wrong for a boy who is very tall.",
    ),
    # ---- 7 · Where is zero?
    "first_visit_fit": (
        "Nothing about the model changes but the place of zero. In `data`, the first visit has age −1. What must be "
        "added to every age, so that this becomes 0?",
        "Make a table with the moved age, `data.assign(age=…)`. Then call `smf.mixedlm` as in notebook 4, with this "
        "table in all places where `data` stood.",
    ),
    "correlation_at_first_visit": (
        "It is computed as in notebook 4, from another fit: look up what you wrote there.",
        "Take three numbers out of `first_visit_fit.cov_re`: the covariance, and both variances. Divide the first by "
        "the root of the product of the others.",
    ),
    "unchanged": (
        "Go through the seven names, one by one, and write both numbers beside each. Two of the seven stand above the "
        "table of coefficients.",
        "Ask of each name: does it speak of one particular age, or of the lines as a whole? Moving zero changes only "
        "what speaks of the age that zero stands for.",
    ),
    "between_variance": (
        "Use the formula for Var(X + a·Y). Here X is a boy's deviation at age 0, Y is the deviation of his slope, and "
        "the number a is the age.",
        "Three numbers come out of `results.cov_re`: at the upper left, beside it, and at the lower right. Multiply "
        "the second by twice the age, the third by the square of the age, and return the sum of all three.",
    ),
    "fan_ratio": (
        "You have a function for the variance between boys at an age. Which two ages are asked for, and which of the "
        "two variances stands on top?",
        "Call it with `fan` both times, as in `fan` age 0 is the middle of the study. Divide the variance at the last "
        "visit by the variance at the first.",
    ),
    "narrowest": (
        "The formula can be computed for any age. For which ages were boys measured?",
        "Test each comment: does the lines' smallest variance say that they all meet? What is the sign of the "
        "covariance in `fan.cov_re`? And what would you need to know how alike boys of nine really are?",
    ),
    "zero_reflection": (
        "You cannot tell what .64 means before you know one thing about the analysis. Which one?",
        "Four parts: the age to which the number belongs; why it depends on that age; what the paper should report; "
        "and something in the model that does not depend on it.",
    ),
    # ---- 8 · Which model?
    "parallel_ml": (
        "The formula and the groups are those of notebook 3. What is new stands in the brackets of `.fit()`.",
        "Look at the cell that makes `null_ml`. Copy it, give the result its new name, and put `age` into the formula "
        "in place of the `1`.",
    ),
    "lr_age": (
        "The two models differ in a fixed effect. Which of the two kinds of log-likelihood may be compared then?",
        "You have both fits: `null_ml` and `parallel_ml`. Subtract the `.llf` of the smaller model from that of the "
        "larger one, and double the difference. Mind the brackets.",
    ),
    "aic_gain": (
        "You need the fan by ML first. Then each of the two fits has its AIC in `.aic`.",
        'The fan is your Task 1 with `re_formula="~age"` besides. Subtract its `.aic` from that of '
        "`parallel_ml`: the larger AIC comes first.",
    ),
    "p_slopes": (
        "A mixture means: in half of the studies one distribution, in half of them the other. So there are two "
        "p-values. How many degrees of freedom has each?",
        "Call `stats.chi2.sf(lr_early, …)` twice, once with each number of degrees of freedom. Add the two, and divide "
        "the sum by two. Mind the brackets.",
    ),
    "negative_share": (
        "Write down the two variances of each model. The means of the boys are the same in both. What does each model "
        "say about how much they vary?",
        "The mean of nine measurements has an error, too: its variance is a ninth of the residual variance. Compute "
        "it for both models, and compare with what happened between boys.",
    ),
    "model_reflection": (
        "Begin with your choice and a number that speaks for it. Say by which method the two fits were made.",
        "Four parts: the model and why; which likelihoods may be compared; what is special about a variance near zero; "
        "and of which variance age explains its share.",
    ),
    # ---- 9 · Is the line straight?
    "visits_above": (
        "There are 26 residuals for each visit. Make a table with the residual beside each row first, then take nine "
        "means.",
        '`.groupby("Occasion")["residual"].mean()` gives nine numbers, and their index holds the visits. Keep the '
        "visits whose number is positive.",
    ),
    "curve_fit": (
        "The call of notebook 4 gets one more term, in the formula alone. How does one calculate inside a formula?",
        "Look at the example with months: `I(12 * age)`. Put the square of `age` into such brackets, and add it to "
        "`height ~ age`. `re_formula` stays `~age`.",
    ),
    "growth_at_last_visit": (
        "Three numbers describe the curve: intercept, slope and bend. Which of them say something about how fast it "
        "rises?",
        "In the formula for the slope, b₁ is the coefficient of `age` and b₂ that of the squared age. Put in both, and "
        "the age at which the study ends.",
    ),
    "bend_fit": (
        "Now the bend may differ between boys as the slope does. Which argument says what may differ?",
        "`re_formula` gets the same two terms as the formula, `I(…)` included. Then compare `.llf` for two values of "
        "`method`, and keep the fit with the higher one.",
    ),
    "bend_se_ratio": (
        "Two models, one standard error from each. It is not the row `age`, but the row below it.",
        "`bse_fe` has three entries: intercept, slope, bend. Take the last one of both fits, and divide that of the "
        "model with a random bend by the other.",
    ),
    "rmse_curve": (
        "Copy the cell with the straight forecasts. Three things change: the model, the names of the columns, and the "
        "line that computes the forecast.",
        "A boy's forecast has three parts: his intercept, his slope times his age at visit 9, and his bend times the "
        "square of that age. The misses are squared, then comes the mean, then the root.",
    ),
    "curve_reflection": (
        "Begin with the picture of the mean residuals: where are they above zero, where below?",
        "Four parts: the pattern and its meaning; what the curve changed and what it left alone; why the bends of 26 "
        "boys matter; and in which direction forecasts by straight lines are wrong.",
    ),
    # ---- 10 · How sure, and how many boys?
    "new_boy_upper": (
        "A new boy differs from the average in intercept and slope, and his measurement has an error. The limit needs "
        "the variance of all that together, and the average at the same age.",
        "Four steps: the average at age .5; the variance between boys there, by the formula with three parts; add "
        "`fan.scale`; then the average plus 1.96 times the root of this sum.",
    ),
    "boy1_prediction": (
        "The model knows boy 1 from nine visits. So take his own line in place of the average one.",
        "His intercept is the average one plus his first deviation, his slope is the average one plus his second. Go "
        "along this line to age .5.",
    ),
    "which_interval": (
        "Ask of each number: if all beds end there, who does not fit in? The average boy, boy 1, or one boy in forty?",
        "Boys differ from each other. Find the number that was made from how much they differ, and not from how well "
        "something is known or measured.",
    ),
    "coverage_parallel": (
        "For one study you need two numbers: `slope, error = parallel_lines(ages, simulate(rng))`. The interval "
        "holds the true slope if the two slopes are no more than 1.96 · error apart.",
        "Put that into a loop over 1000 studies. Add 1 to a counter whenever the distance `abs(slope - true_slope)` is "
        "small enough, and divide the counter by the number of studies at the end.",
    ),
    "boys_needed": (
        "Write the formula down with what you know: the squared standard error on the left; slope variance, residual "
        "variance and the sum of the squared ages on the right. Only n is unknown.",
        "n is the variance of one boy's estimated slope, divided by the square of the standard error that is wanted. "
        "Both ages, −1 and 1, go into the sum of squares. `np.ceil` rounds up.",
    ),
    "design_reflection": (
        "Say first whether you would measure more children or the same ones more often. The table before Task 5 shows "
        "what each of the two is worth.",
        "Four parts: how many children and visits; why; which model to use and what the other one does; and what your "
        "own design leaves open.",
    ),
}
