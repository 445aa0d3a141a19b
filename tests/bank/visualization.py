"""Notebook 1: figures, as students draw them, and the choice."""

from __future__ import annotations

from bank.case import Case, partly, right, wrong

_HOSTILE = """
class Hostile:
    def __getattribute__(self, name):
        raise SystemExit("no")
{key} = Hostile()
"""

_LIAR = """
class Liar:
    __class__ = property(lambda self: sns.FacetGrid)
    figure = plt.figure()
{key} = Liar()
"""

_P, _S = "pooled_plot", "subject_plot"

CASES: list[Case] = [
    right(_P, "lmplot with its band", "pooled_plot = sns.lmplot(x='age', y='height', data=data)"),
    right(_P, "lmplot without a band", "pooled_plot = sns.lmplot(data=data, x='age', y='height', ci=None)"),
    right(
        _P,
        "lmplot with jitter and a long line",
        "pooled_plot = sns.lmplot(data=data, x='age', y='height', ci=None, x_jitter=.1, truncate=False)",
    ),
    right(
        _P,
        "the title's text after lmplot",
        """
        sns.lmplot(x='age', y='height', data=data, ci=None)
        pooled_plot = plt.title('Combined regression')
        """,
    ),
    right(_P, "the figure of a grid", "pooled_plot = sns.lmplot(data=data, x='age', y='height', ci=None).figure"),
    right(_P, "the axes of a grid", "pooled_plot = sns.lmplot(data=data, x='age', y='height', ci=None).ax"),
    right(_P, "the array of axes", "pooled_plot = sns.lmplot(data=data, x='age', y='height', ci=None).axes"),
    right(_P, "regplot", "pooled_plot = sns.regplot(data=data, x='age', y='height')"),
    right(
        _P,
        "regplot after its figure was closed",
        """
        pooled_plot = sns.regplot(x=data['age'], y=data['height'], ci=None, color='red', marker='x')
        plt.xlabel('Age')
        plt.close('all')
        """,
    ),
    right(_P, "jointplot", "pooled_plot = sns.jointplot(data=data, x='age', y='height', kind='reg', ci=None)"),
    right(
        _P,
        "the figure of jointplot",
        "pooled_plot = sns.jointplot(data=data, x='age', y='height', kind='reg', ci=None).figure",
    ),
    right(
        _P,
        "pairplot of two columns",
        "pooled_plot = sns.pairplot(data, x_vars=['age'], y_vars=['height'], kind='reg', height=4)",
    ),
    right(
        _P,
        "polyfit, drawn over unsorted ages",
        """
        slope, intercept = np.polyfit(data['age'], data['height'], 1)
        plt.scatter(data['age'], data['height'])
        plt.plot(data['age'], intercept + slope * data['age'], color='k')
        pooled_plot = plt.gcf()
        """,
    ),
    right(
        _P,
        "polyfit over linspace, a shuffled frame, a list of lines handed in",
        """
        shuffled = data.sample(frac=1, random_state=1)
        line = np.poly1d(np.polyfit(shuffled.age, shuffled.height, 1))
        grid = np.linspace(-1, 1, 50)
        plt.plot(shuffled.age, shuffled.height, 'o')
        pooled_plot = plt.plot(grid, line(grid), '--')
        plt.axhline(data.height.mean(), color='grey')
        plt.axvline(0)
        plt.legend(['boys', 'line'])
        """,
    ),
    right(
        _P,
        "a line with a marker at each fitted value",
        """
        fit = smf.ols('height ~ age', data).fit()
        fig, ax = plt.subplots()
        ax.scatter(data.age, data.height)
        ax.plot(data.age, fit.fittedvalues, 'o-')
        pooled_plot = ax
        """,
    ),
    right(
        _P,
        "scatterplot and an endless line",
        """
        slope, intercept = np.polyfit(data.age, data.height, 1)
        ax = sns.scatterplot(data=data, x='age', y='height', hue='Subject', legend=False)
        ax.axline((0, intercept), slope=slope)
        pooled_plot = ax
        """,
    ),
    right(
        _P,
        "an endless line through two points",
        """
        pooled_plot, ax = plt.subplots()
        data.plot.scatter('age', 'height', ax=ax)
        a, b = smf.ols('height ~ age', data).fit().params
        ax.axline((0, a), (1, a + b))
        """,
    ),
    right(
        _P,
        "OLS predictions drawn with lineplot",
        """
        data['predicted'] = smf.ols('height ~ age', data).fit().predict(data)
        sns.scatterplot(data=data, x='age', y='height')
        pooled_plot = sns.lineplot(data=data, x='age', y='predicted', errorbar=None)
        """,
    ),
    right(
        _P,
        "fixed effects of a mixed model, rounded",
        """
        fig = plt.figure()
        pooled_plot = fig.add_subplot()
        pooled_plot.scatter(data.age, data.height, facecolors='none', edgecolors='b')
        pooled_plot.plot([-1, 1], [149.37 - 6.52, 149.37 + 6.52])
        """,
    ),
    right(
        _P,
        "seaborn objects",
        """
        import seaborn.objects as so
        pooled_plot = so.Plot(data, 'age', 'height').add(so.Dots()).add(so.Line(), so.PolyFit(order=1))
        """,
    ),
    right(
        _P,
        "seaborn objects, drawn",
        """
        import seaborn.objects as so
        plot = so.Plot(data, x='age', y='height').add(so.Dot(), so.Jitter(.1)).add(so.Lines(), so.PolyFit(1))
        pooled_plot = plot.plot()
        """,
    ),
    right(
        _P,
        "FacetGrid.map",
        """
        pooled_plot = sns.FacetGrid(data)
        pooled_plot.map(sns.regplot, 'age', 'height', ci=None)
        """,
    ),
    right(
        _P,
        "the left one of two axes",
        """
        fig, axes = plt.subplots(1, 2)
        sns.regplot(data=data, x='age', y='height', ci=None, ax=axes[0])
        for _, boy in data.groupby('Subject'):
            sns.regplot(data=boy, x='age', y='height', ci=None, ax=axes[1])
        pooled_plot = axes[0]
        """,
    ),
    right(
        _P,
        "the same plot drawn again and again",
        """
        fig, pooled_plot = plt.subplots()
        for subject in data['Subject'].unique():
            sns.regplot(data=data, x='age', y='height', ci=None, ax=pooled_plot)
        """,
    ),
    partly(
        _P,
        "a scatterplot without a line",
        "pooled_plot = sns.scatterplot(x='age', y='height', data=data)",
        0.5,
        "line_missing",
    ),
    partly(
        _P,
        "an invisible line",
        "pooled_plot = sns.regplot(x='age', y='height', data=data, ci=None, line_kws={'alpha': 0})",
        0.5,
        "line_missing",
    ),
    partly(
        _P,
        "a mean of heights as a level line",
        """
        plt.scatter(data.age, data.height)
        pooled_plot = plt.axhline(data.height.mean())
        """,
        0.5,
        "line_missing",
    ),
    partly(
        _P,
        "a line without points",
        "pooled_plot = sns.lmplot(x='age', y='height', data=data, scatter=False, ci=None)",
        0.5,
        "points_missing",
    ),
    partly(
        _P,
        "points of no size",
        "pooled_plot = sns.regplot(x='age', y='height', data=data, ci=None, scatter_kws={'s': 0})",
        0.5,
        "points_missing",
    ),
    partly(
        _P,
        "a curve of order two",
        "pooled_plot = sns.regplot(x='age', y='height', data=data, ci=None, order=2)",
        0.5,
        "curved_line",
    ),
    partly(
        _P,
        "lowess",
        "pooled_plot = sns.lmplot(x='age', y='height', data=data, lowess=True)",
        0.5,
        "curved_line",
    ),
    partly(
        _P,
        "PolyFit as it stands",
        """
        import seaborn.objects as so
        pooled_plot = so.Plot(data, 'age', 'height').add(so.Dots()).add(so.Line(), so.PolyFit())
        """,
        0.5,
        "curved_line",
    ),
    partly(
        _P,
        "a zigzag through all points",
        "pooled_plot = plt.plot(data['age'], data['height'], 'o-')",
        0.5,
        "points_joined",
    ),
    partly(
        _P,
        "points and a joined mean per age",
        """
        sns.scatterplot(x='age', y='height', data=data)
        pooled_plot = sns.lineplot(x='age', y='height', data=data, errorbar=None)
        """,
        0.5,
        "points_joined",
    ),
    partly(
        _P,
        "means of bins",
        "pooled_plot = sns.regplot(x='age', y='height', data=data, ci=None, x_bins=5)",
        0.5,
        "other_points",
    ),
    partly(
        _P,
        "means per age",
        "pooled_plot = sns.regplot(x='age', y='height', data=data, ci=None, x_estimator=np.mean, x_ci=None)",
        0.5,
        "other_points",
    ),
    partly(
        _P,
        "the line of another model",
        """
        plt.scatter(data.age, data.height)
        pooled_plot = plt.plot([-1, 1], [140, 160])
        """,
        0.5,
        "line_elsewhere",
    ),
    partly(
        _P,
        "a line over a part of the ages",
        """
        slope, intercept = np.polyfit(data.age, data.height, 1)
        plt.scatter(data.age, data.height)
        pooled_plot = plt.plot([0, 1], [intercept, intercept + slope])
        """,
        0.5,
        "line_too_short",
    ),
    partly(
        _P,
        "a line per half of the class",
        """
        data['half'] = np.where(data.Subject <= 13, 'first', 'second')
        pooled_plot = sns.lmplot(data=data, x='age', y='height', hue='half', ci=None)
        """,
        0.5,
        "several_lines",
    ),
    partly(
        _P,
        "a curve beside the right line",
        """
        pooled_plot = sns.regplot(data=data, x='age', y='height', ci=None)
        sns.regplot(data=data, x='age', y='height', ci=None, order=3, scatter=False)
        """,
        0.5,
        "extra_lines",
    ),
    partly(
        _P,
        "the figure that holds both plots",
        """
        pooled_plot, axes = plt.subplots(1, 2)
        sns.regplot(data=data, x='age', y='height', ci=None, ax=axes[0])
        for _, boy in data.groupby('Subject'):
            sns.regplot(data=boy, x='age', y='height', ci=None, ax=axes[1])
        """,
        0.5,
        "several_plots",
    ),
    wrong(
        _P,
        "a line per boy",
        "pooled_plot = sns.lmplot(x='age', y='height', hue='Subject', data=data, ci=None)",
        "line_per_boy",
    ),
    wrong(
        _P,
        "swapped axes",
        "pooled_plot = sns.lmplot(x='height', y='age', data=data, ci=None)",
        "axes_swapped",
    ),
    wrong(
        _P,
        "the occasion instead of the age",
        "pooled_plot = sns.lmplot(x='Occasion', y='height', data=data, ci=None)",
        "occasion_on_x",
    ),
    wrong(
        _P,
        "the boys' numbers instead of the age",
        "pooled_plot = sns.regplot(x='Subject', y='height', data=data, ci=None)",
        "subject_on_x",
    ),
    wrong(
        _P,
        "the first boys only",
        "pooled_plot = sns.regplot(x='age', y='height', data=data[data.Subject < 6], ci=None)",
        "boys_incomplete",
    ),
    wrong(
        _P,
        "the second half of the study only",
        "pooled_plot = sns.regplot(x='age', y='height', data=data[data.age > 0], ci=None)",
        "points_incomplete",
    ),
    wrong(
        _P,
        "standardised heights",
        """
        data['z'] = (data.height - data.height.mean()) / data.height.std()
        pooled_plot = sns.regplot(x='age', y='z', data=data, ci=None)
        """,
        "rescaled",
    ),
    wrong(
        _P,
        "heights that belong to other rows",
        """
        data['height'] = data['height'].sample(frac=1, random_state=3).to_numpy()
        pooled_plot = sns.regplot(x='age', y='height', data=data, ci=None)
        """,
    ),
    wrong(
        _P,
        "lineplot",
        "pooled_plot = sns.lineplot(x='age', y='height', data=data, errorbar=None)",
        "points_joined",
    ),
    wrong(_P, "a histogram", "pooled_plot = sns.histplot(data['height'])", "empty_figure"),
    wrong(_P, "what plt.hist returns", "pooled_plot = plt.hist(data['height'])", "empty_figure"),
    wrong(_P, "a boxplot", "pooled_plot = sns.boxplot(x='Occasion', y='height', data=data)"),
    wrong(_P, "an empty figure", "pooled_plot = plt.figure()", "empty_figure"),
    wrong(
        _P,
        "a figure that was cleared",
        "pooled_plot = plt.gcf(); plt.scatter([1], [1]); plt.clf()",
        "empty_figure",
    ),
    wrong(_P, "a text", "pooled_plot = 'see above'", "not_a_figure"),
    wrong(_P, "a number", "pooled_plot = 6.521", "not_a_figure"),
    wrong(
        _P,
        "pyplot itself",
        "sns.regplot(x='age', y='height', data=data, ci=None); pooled_plot = plt",
        "not_a_figure",
    ),
    wrong(_P, "the data", "pooled_plot = data", "not_a_figure"),
    wrong(_P, "a fit", "pooled_plot = smf.ols('height ~ age', data).fit()", "not_a_figure"),
    wrong(_P, "a function", "pooled_plot = lambda: sns.lmplot(x='age', y='height', data=data)", "not_a_figure"),
    wrong(_P, "a class", "pooled_plot = sns.FacetGrid", "not_a_figure"),
    wrong(_P, "an empty list", "pooled_plot = []", "not_a_figure"),
    wrong(
        _P,
        "what plt.show returns",
        "sns.lmplot(x='age', y='height', data=data, ci=None)\npooled_plot = plt.show()",
    ),
    wrong(_P, "no answer", ""),
    wrong(_P, "an error before the answer", "pooled_plot = sns.lmplot(x='Age', y='height', data=data)"),
    wrong(_P, "far too many points", "pooled_plot = plt.scatter(*np.random.rand(2, 50_000))", "figure_too_large"),
    wrong(_P, "an object that raises at every touch", _HOSTILE.format(key=_P), "not_a_figure"),
    wrong(_P, "an object that lies about its class", _LIAR.format(key=_P), "not_a_figure"),
    # One line for each boy.
    right(
        _S,
        "lmplot with its bands",
        "subject_plot = sns.lmplot(x='age', y='height', hue='Subject', data=data, n_boot=20)",
    ),
    right(
        _S,
        "lmplot without bands",
        "subject_plot = sns.lmplot(data=data, x='age', y='height', hue='Subject', ci=None)",
    ),
    right(
        _S,
        "Subject as text, jitter",
        """
        data['Subject'] = data['Subject'].astype(str)
        subject_plot = sns.lmplot(data=data, x='age', y='height', hue='Subject', ci=None, x_jitter=.05)
        """,
    ),
    right(
        _S,
        "Subject as category, the title's text",
        """
        sns.lmplot(data=data.astype({'Subject': 'category'}), x='age', y='height', hue='Subject', ci=None)
        subject_plot = plt.title('Subject-specific regressions')
        """,
    ),
    right(
        _S,
        "a facet for each boy",
        "subject_plot = sns.lmplot(data, x='age', y='height', col='Subject', col_wrap=7, ci=None, height=1)",
    ),
    right(
        _S,
        "the axes of a closed grid",
        """
        subject_plot = sns.lmplot(data=data, x='age', y='height', hue='Subject', ci=None).ax
        plt.close('all')
        """,
    ),
    right(
        _S,
        "a loop over the boys with regplot",
        """
        plt.figure()
        for subject in data['Subject'].unique():
            sns.regplot(data=data[data['Subject'] == subject], x='age', y='height', ci=None)
        subject_plot = plt.gcf()
        """,
    ),
    right(
        _S,
        "groupby, polyfit, gca",
        """
        for name, boy in data.groupby('Subject'):
            slope, intercept = np.polyfit(boy.age, boy.height, 1)
            plt.plot(boy.age, boy.height, '.')
            plt.plot(boy.age, intercept + slope * boy.age, label=name)
        plt.legend()
        subject_plot = plt.gca()
        """,
    ),
    right(
        _S,
        "all lines in one collection",
        """
        from matplotlib.collections import LineCollection
        ends = np.array([-1, 1])
        fits = [np.polyfit(boy.age, boy.height, 1) for _, boy in data.groupby('Subject')]
        fig, ax = plt.subplots()
        ax.scatter(data.age, data.height, c=data.Subject)
        ax.add_collection(LineCollection([np.column_stack([ends, np.polyval(fit, ends)]) for fit in fits]))
        subject_plot = fig
        """,
    ),
    right(
        _S,
        "all lines in one call, separated by NaN",
        """
        x, y = [], []
        for _, boy in data.groupby('Subject'):
            fit = np.polyfit(boy.age, boy.height, 1)
            x += [-1, 1, np.nan]
            y += [*np.polyval(fit, [-1, 1]), np.nan]
        fig, subject_plot = plt.subplots()
        subject_plot.plot(x, y, data.age, data.height, 'kx')
        """,
    ),
    right(
        _S,
        "endless lines",
        """
        ax = sns.scatterplot(data=data, x='age', y='height', hue='Subject')
        for _, boy in data.groupby('Subject'):
            slope, intercept = np.polyfit(boy.age, boy.height, 1)
            ax.axline((0, intercept), slope=slope, lw=.5)
        subject_plot = ax.figure
        """,
    ),
    right(
        _S,
        "one OLS with an interaction",
        """
        fit = smf.ols('height ~ age * C(Subject)', data).fit()
        data['line'] = fit.fittedvalues
        sns.scatterplot(data=data, x='age', y='height', hue='Subject', palette='tab20')
        subject_plot = sns.lineplot(data, x='age', y='line', hue='Subject', palette='tab20', legend=False)
        """,
    ),
    right(
        _S,
        "the lines that a random-slope model predicts",
        """
        fit = smf.mixedlm('height ~ age', data, groups='Subject', re_formula='~age').fit(method='bfgs')
        data['line'] = fit.fittedvalues
        sns.scatterplot(data=data, x='age', y='height')
        subject_plot = sns.lineplot(data=data, x='age', y='line', units='Subject', estimator=None)
        """,
    ),
    right(
        _S,
        "FacetGrid.map with hue",
        """
        subject_plot = sns.FacetGrid(data, hue='Subject', height=5)
        subject_plot.map(sns.regplot, 'age', 'height', ci=None)
        """,
    ),
    right(
        _S,
        "FacetGrid with scatter and polyfit of one's own",
        """
        def line(x, y, **style):
            slope, intercept = np.polyfit(x, y, 1)
            plt.plot(x, intercept + slope * x, color=style['color'])
        grid = sns.FacetGrid(data, hue='Subject')
        grid.map(plt.scatter, 'age', 'height')
        subject_plot = grid.map(line, 'age', 'height')
        """,
    ),
    right(
        _S,
        "seaborn objects by colour",
        """
        import seaborn.objects as so
        subject_plot = (
            so.Plot(data.astype({'Subject': str}), 'age', 'height', color='Subject')
            .add(so.Dot()).add(so.Line(), so.PolyFit(order=1))
        )
        """,
    ),
    right(
        _S,
        "seaborn objects by group, drawn",
        """
        import seaborn.objects as so
        plot = so.Plot(data, 'age', 'height', group='Subject')
        plot = plot.add(so.Dots()).add(so.Line(), so.PolyFit(order=1))
        subject_plot = plot.plot()
        """,
    ),
    right(
        _S,
        "the right one of two axes",
        """
        fig, (left, subject_plot) = plt.subplots(1, 2, figsize=(10, 4))
        sns.regplot(data=data, x='age', y='height', ci=None, ax=left)
        for _, boy in data.groupby('Subject'):
            sns.regplot(data=boy, x='age', y='height', ci=None, ax=subject_plot)
        """,
    ),
    right(
        _S,
        "a list of the axes of every boy",
        """
        fig, axes = plt.subplots(6, 5, figsize=(8, 8))
        subject_plot = [
            sns.regplot(data=boy, x='age', y='height', ci=None, ax=ax)
            for ax, (_, boy) in zip(axes.flat, data.groupby('Subject'))
        ]
        """,
    ),
    right(
        _S,
        "a grid of panels, some of them empty",
        """
        subject_plot, axes = plt.subplots(4, 7)
        for ax, (subject, boy) in zip(axes.flat, data.groupby('Subject')):
            ax.plot(boy.age, boy.height, 'o', ms=2)
            ax.plot(boy.age, np.polyval(np.polyfit(boy.age, boy.height, 1), boy.age))
            ax.set_title(subject)
        """,
    ),
    partly(
        _S,
        "points without lines",
        "subject_plot = sns.scatterplot(x='age', y='height', hue='Subject', data=data)",
        0.5,
        "line_missing",
    ),
    partly(
        _S,
        "lmplot without its fit",
        "subject_plot = sns.lmplot(x='age', y='height', hue='Subject', data=data, fit_reg=False)",
        0.5,
        "line_missing",
    ),
    partly(
        _S,
        "lines without points",
        "subject_plot = sns.lmplot(x='age', y='height', hue='Subject', data=data, scatter=False, ci=None)",
        0.5,
        "points_missing",
    ),
    partly(
        _S,
        "each boy's points joined",
        """
        for _, boy in data.groupby('Subject'):
            plt.plot(boy.age, boy.height, 'o-')
        subject_plot = plt.gcf()
        """,
        0.5,
        "points_joined",
    ),
    partly(
        _S,
        "curves of order two",
        "subject_plot = sns.lmplot(x='age', y='height', hue='Subject', data=data, ci=None, order=2)",
        0.5,
        "curved_line",
    ),
    partly(
        _S,
        "lowess",
        "subject_plot = sns.lmplot(x='age', y='height', hue='Subject', data=data, lowess=True)",
        0.5,
        "curved_line",
    ),
    partly(
        _S,
        "the parallel lines of a random-intercept model",
        """
        data['line'] = smf.mixedlm('height ~ age', data, groups='Subject').fit().fittedvalues
        sns.scatterplot(data=data, x='age', y='height')
        subject_plot = sns.lineplot(data=data, x='age', y='line', units='Subject', estimator=None)
        """,
        0.5,
        "parallel_lines",
    ),
    partly(
        _S,
        "the single line on top of the boys' lines",
        """
        grid = sns.lmplot(x='age', y='height', hue='Subject', data=data, ci=None)
        sns.regplot(x='age', y='height', data=data, ci=None, scatter=False, ax=grid.ax)
        subject_plot = grid
        """,
        0.5,
        "extra_lines",
    ),
    partly(
        _S,
        "all points, but lines for the first boys",
        """
        plt.scatter(data.age, data.height)
        for subject in range(1, 11):
            sns.regplot(data=data[data.Subject == subject], x='age', y='height', ci=None, scatter=False)
        subject_plot = plt.gca()
        """,
        0.5,
        "boys_incomplete",
    ),
    partly(
        _S,
        "a line for each occasion",
        "subject_plot = sns.lmplot(x='age', y='height', hue='Occasion', data=data, ci=None)",
        0.5,
        "lines_elsewhere",
    ),
    partly(
        _S,
        "the figure that holds both plots",
        """
        fig, axes = plt.subplots(1, 2)
        sns.regplot(data=data, x='age', y='height', ci=None, ax=axes[0])
        for _, boy in data.groupby('Subject'):
            sns.regplot(data=boy, x='age', y='height', ci=None, ax=axes[1])
        subject_plot = axes
        """,
        0.5,
        "several_plots",
    ),
    partly(
        _S,
        "the first and the last measurement joined",
        """
        plt.scatter(data.age, data.height)
        for _, boy in data.groupby('Subject'):
            plt.plot(boy.age.iloc[[0, -1]], boy.height.iloc[[0, -1]])
        subject_plot = plt.gcf()
        """,
        0.5,
        "lines_elsewhere",
    ),
    wrong(
        _S,
        "hue forgotten",
        "subject_plot = sns.lmplot(x='age', y='height', data=data, ci=None)",
        "one_line_for_all",
    ),
    wrong(
        _S,
        "the boys coloured, the line for all",
        """
        sns.scatterplot(x='age', y='height', hue='Subject', data=data)
        subject_plot = sns.regplot(x='age', y='height', data=data, ci=None, scatter=False)
        """,
        "one_line_for_all",
    ),
    wrong(
        _S,
        "the line for all in each boy's panel",
        """
        data['line'] = smf.ols('height ~ age', data).fit().fittedvalues
        grid = sns.FacetGrid(data, col='Subject', col_wrap=7, height=1)
        grid.map(plt.scatter, 'age', 'height')
        subject_plot = grid.map(plt.plot, 'age', 'line')
        """,
        "one_line_for_all",
    ),
    wrong(
        _S,
        "swapped axes",
        "subject_plot = sns.lmplot(x='height', y='age', hue='Subject', data=data, ci=None)",
        "axes_swapped",
    ),
    wrong(
        _S,
        "the occasion instead of the age",
        "subject_plot = sns.lmplot(x='Occasion', y='height', hue='Subject', data=data, ci=None)",
        "occasion_on_x",
    ),
    wrong(
        _S,
        "the first boys only",
        "subject_plot = sns.lmplot(data.query('Subject < 6'), x='age', y='height', hue='Subject', ci=None)",
        "boys_incomplete",
    ),
    wrong(
        _S,
        "the first four occasions only",
        "subject_plot = sns.lmplot(data[data['age'] < 0], x='age', y='height', hue='Subject', ci=None)",
        "points_incomplete",
    ),
    wrong(
        _S,
        "one of the panels",
        "subject_plot = sns.lmplot(data, x='age', y='height', row='Subject', ci=None, height=1).axes[0, 0]",
        "boys_incomplete",
    ),
    wrong(
        _S,
        "standardised heights",
        """
        data['height'] = (data.height - data.height.mean()) / data.height.std()
        subject_plot = sns.lmplot(x='age', y='height', hue='Subject', data=data, ci=None)
        """,
        "rescaled",
    ),
    wrong(
        _S,
        "a mean for each boy",
        """
        means = data.groupby('Subject', as_index=False).mean()
        subject_plot = sns.regplot(x='Subject', y='height', data=means, ci=None)
        """,
        "other_points",
    ),
    wrong(
        _S,
        "lineplot with units",
        "subject_plot = sns.lineplot(x='age', y='height', units='Subject', estimator=None, data=data)",
        "points_joined",
    ),
    wrong(
        _S,
        "lineplot with hue",
        "subject_plot = sns.lineplot(x='age', y='height', hue='Subject', data=data)",
        "points_joined",
    ),
    wrong(_S, "a boxplot", "subject_plot = sns.boxplot(x='Subject', y='height', data=data)"),
    wrong(_S, "an empty figure", "fig, subject_plot = plt.subplots()", "empty_figure"),
    wrong(_S, "a text", "subject_plot = 'subject_plot'", "not_a_figure"),
    wrong(_S, "a truth value", "subject_plot = True", "not_a_figure"),
    wrong(_S, "pyplot itself", "subject_plot = plt", "not_a_figure"),
    wrong(_S, "the grouped data", "subject_plot = data.groupby('Subject')", "not_a_figure"),
    wrong(_S, "a method without parentheses", "subject_plot = plt.figure().gca", "not_a_figure"),
    wrong(_S, "the placeholder", "subject_plot = ..."),
    wrong(_S, "an object that raises at every touch", _HOSTILE.format(key=_S), "not_a_figure"),
    wrong(_S, "an object that lies about its class", _LIAR.format(key=_S), "not_a_figure"),
]

#: What the grader, which has the key, gives. A notebook only records a choice: it gives nothing yet.
CHOICES: list[Case] = [
    right("needs_multilevel", "as asked", "needs_multilevel = 'yes'"),
    right("needs_multilevel", "double quotes", 'needs_multilevel = "yes"'),
    right("needs_multilevel", "a capital", "needs_multilevel = 'Yes'"),
    right("needs_multilevel", "capitals and a full stop", "needs_multilevel = 'YES.'"),
    right("needs_multilevel", "space around", "needs_multilevel = ' yes '"),
    right("needs_multilevel", "the only element of a list", "needs_multilevel = ['yes']"),
    right("needs_multilevel", "chosen from the figures", "needs_multilevel = 'yes' if len(data) > 26 else 'no'"),
    wrong("needs_multilevel", "the other option", "needs_multilevel = 'no'", "other_option"),
    wrong("needs_multilevel", "the other option, in capitals", "needs_multilevel = 'NO'", "other_option"),
    wrong("needs_multilevel", "both options", "needs_multilevel = ['yes', 'no']", "no_option"),
    wrong("needs_multilevel", "no option", "needs_multilevel = 'maybe'", "no_option"),
    wrong("needs_multilevel", "a truth value", "needs_multilevel = True", "no_option"),
    wrong("needs_multilevel", "a number", "needs_multilevel = 1", "no_option"),
    wrong("needs_multilevel", "a function", "needs_multilevel = lambda: 'yes'", "no_option"),
    wrong("needs_multilevel", "the placeholder", "needs_multilevel = ..."),
    wrong("needs_multilevel", "a name that does not exist", "needs_multilevel = yes"),
    *(
        right("deciding_observation", repr(value), f"deciding_observation = {value!r}")
        for value in ("c", "C", " c", "c)", "(c)", "c.", '"c"', ["c"], {"c"}, ("c",))
    ),
    right("deciding_observation", "the only element of an array", "deciding_observation = np.array('c')"),
    *(
        wrong("deciding_observation", repr(text), f"deciding_observation = {text!r}", "other_option")
        for text in ("a", "b", "D")
    ),
    *(
        wrong("deciding_observation", repr(value), f"deciding_observation = {value!r}", "no_option")
        for value in ("e", "cc", 3, False, ["a", "c"], {"c": 1, "a": 2})
    ),
    wrong("deciding_observation", "a letter without quotes", "deciding_observation = c"),
    wrong("deciding_observation", "the placeholder", "deciding_observation = None"),
]
