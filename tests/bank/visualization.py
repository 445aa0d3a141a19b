"""Notebook 1: figures, as students draw them, and the choice."""

from __future__ import annotations

from textwrap import dedent

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
        "Subject as category, a title set afterwards",
        """
        by_boy = data.astype({'Subject': 'category'})
        subject_plot = sns.lmplot(data=by_boy, x='age', y='height', hue='Subject', ci=None)
        plt.title('Subject-specific regressions')
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

#: The single line, drawn on axes `ax`, and each boy's line, for cases in which something else is special.
_LINE = """
slope, intercept = np.polyfit(data.age, data.height, 1)
def line(ax, **style):
    ax.plot([-1, 1], [intercept - slope, intercept + slope], **style)
def lines(ax, **style):
    for _, boy in data.groupby('Subject'):
        ax.plot(boy.age, np.polyval(np.polyfit(boy.age, boy.height, 1), boy.age), **style)
def points(ax, **style):
    ax.scatter(data.age, data.height, **style)
fig, ax = plt.subplots()
"""


def _drawn(code: str) -> str:
    return _LINE + dedent(code)


#: What a reader sees beside the answer, and what he does not see of it.
CONTEXT: list[Case] = [
    right(
        _P,
        "error bars with caps at every point",
        _drawn("""
        ax.errorbar(data.age, data.height, yerr=2, fmt='o', capsize=2)
        line(ax)
        pooled_plot = ax
        """),
    ),
    right(
        _P,
        "means of the visits with their standard deviations",
        _drawn("""
        points(ax, alpha=.4)
        line(ax)
        visits = data.groupby('Occasion')
        ax.errorbar(visits.age.mean(), visits.height.mean(), yerr=visits.height.std(), fmt='s', capsize=4)
        pooled_plot = fig
        """),
    ),
    right(
        _P,
        "means of the visits, joined",
        _drawn("""
        pooled_plot = sns.regplot(data=data, x='age', y='height', ci=None, ax=ax)
        visits = data.groupby('Occasion')[['age', 'height']].mean()
        ax.plot(visits.age, visits.height, 'D-', color='red')
        """),
    ),
    right(
        _P,
        "a mean for each boy",
        _drawn("""
        points(ax)
        line(ax)
        means = data.groupby('Subject').mean()
        ax.scatter(means.age, means.height, marker='D', s=60, color='k')
        pooled_plot = ax
        """),
    ),
    right(
        _P,
        "each boy's points joined in grey, behind",
        _drawn("""
        for _, boy in data.groupby('Subject'):
            ax.plot(boy.age, boy.height, 'o-', color='lightgrey')
        line(ax, color='black', lw=3)
        pooled_plot = ax
        """),
    ),
    right(
        _P,
        "limits of confidence and of prediction, dashed",
        _drawn("""
        fit = smf.ols('height ~ age', data).fit()
        grid = pd.DataFrame({'age': np.linspace(-1, 1, 40)})
        frame = fit.get_prediction(grid).summary_frame()
        points(ax)
        ax.plot(grid.age, frame['mean'])
        for name in ('mean_ci_lower', 'mean_ci_upper', 'obs_ci_lower', 'obs_ci_upper'):
            ax.plot(grid.age, frame[name], '--')
        pooled_plot = ax
        """),
    ),
    right(
        _P,
        "one standard deviation above and below, dotted",
        _drawn("""
        points(ax)
        line(ax)
        for side in (-8, 8):
            ax.plot([-1, 1], [intercept - slope + side, intercept + slope + side], ':')
        pooled_plot = fig
        """),
    ),
    right(
        _P,
        "the line on a second axis with the same limits",
        _drawn("""
        points(ax)
        second = ax.twinx()
        line(second)
        second.set_ylim(ax.get_ylim())
        pooled_plot = ax
        """),
    ),
    right(
        _P,
        "the points on a second axis with the same limits, that axis handed in",
        _drawn("""
        line(ax)
        ax.set_ylim(120, 180)
        pooled_plot = ax.twinx()
        points(pooled_plot)
        pooled_plot.set_ylim(120, 180)
        """),
    ),
    right(
        _P,
        "a second scale in inches",
        _drawn("""
        points(ax)
        line(ax)
        second = ax.twinx()
        second.set_ylim(*(end / 2.54 for end in ax.get_ylim()))
        second.set_ylabel('inches')
        pooled_plot = fig
        """),
    ),
    right(
        _P,
        "an inset that enlarges a part",
        _drawn("""
        points(ax)
        line(ax)
        inset = fig.add_axes((.6, .15, .25, .25))
        points(inset)
        line(inset)
        inset.set(xlim=(0, .5), ylim=(145, 155))
        pooled_plot = fig
        """),
    ),
    right(
        _P,
        "a histogram of the heights beside it",
        """
        pooled_plot, (left, right) = plt.subplots(1, 2)
        sns.histplot(data=data, x='height', ax=left)
        sns.regplot(data=data, x='age', y='height', ax=right)
        """,
    ),
    right(
        _P,
        "the residuals in a panel below",
        """
        fit = smf.ols('height ~ age', data).fit()
        pooled_plot, (top, bottom) = plt.subplots(2, 1)
        top.scatter(data.age, data.height)
        top.plot(data.age, fit.fittedvalues)
        bottom.scatter(data.age, fit.resid)
        bottom.axhline(0)
        """,
    ),
    right(
        _P,
        "abline_plot of statsmodels",
        """
        import statsmodels.api as sm
        fit = smf.ols('height ~ age', data).fit()
        ax = data.plot.scatter('age', 'height')
        sm.graphics.abline_plot(model_results=fit, ax=ax)
        pooled_plot = ax
        """,
    ),
    right(
        _P,
        "pandas alone",
        """
        data['line'] = np.polyval(np.polyfit(data.age, data.height, 1), data.age)
        ax = data.plot(x='age', y='height', style='o')
        pooled_plot = data.sort_values('age').plot(x='age', y='line', ax=ax)
        """,
    ),
    right(
        _P,
        "least squares and a mixed model, which nobody can tell apart",
        _drawn("""
        points(ax)
        line(ax)
        fixed = smf.mixedlm('height ~ age', data, groups='Subject').fit().fe_params
        ax.plot([-1, 1], [fixed.iloc[0] - fixed.iloc[1], fixed.iloc[0] + fixed.iloc[1]], '--')
        pooled_plot = ax
        """),
    ),
    right(
        _P,
        "means as reference lines, a text and an arrow",
        _drawn("""
        points(ax)
        line(ax)
        ax.hlines(data.height.mean(), -1, 1, color='grey')
        ax.vlines(0, 125, 175)
        ax.annotate('middle of the study', (0, 149), (.3, 130), arrowprops={'arrowstyle': '->'})
        ax.text(-1, 170, 'one line')
        sns.rugplot(data=data, x='age', y='height', ax=ax)
        pooled_plot = ax
        """),
    ),
    right(
        _P,
        "white points on black",
        """
        with plt.style.context('dark_background'):
            pooled_plot = sns.regplot(data=data, x='age', y='height', ci=None, color='white')
        """,
    ),
    right(
        _P,
        "points coloured by boy, with a colour bar",
        _drawn("""
        fig.colorbar(ax.scatter(data.age, data.height, c=data.Subject, cmap='Greys'))
        line(ax)
        pooled_plot = fig
        """),
    ),
    right(
        _P,
        "limits that cut half a marker",
        "pooled_plot = sns.lmplot(data=data, x='age', y='height', ci=None).set(xlim=(-1, 1))",
    ),
    right(
        _P,
        "the height upside down, on a logarithmic axis",
        _drawn("""
        points(ax)
        line(ax)
        ax.set_yscale('log')
        ax.invert_yaxis()
        pooled_plot = ax
        """),
    ),
    right(
        _P,
        "an axis with a gap in two panels",
        """
        pooled_plot, panels = plt.subplots(2, 1, sharex=True)
        for panel, limits in zip(panels, [(150, 176), (125, 150)]):
            sns.regplot(data=data, x='age', y='height', ci=None, ax=panel)
            panel.set_ylim(limits)
        """,
    ),
    partly(
        _P,
        "a height axis cut so that half of the points lie outside",
        "pooled_plot = sns.lmplot(data=data, x='age', y='height', ci=None).set(ylim=(140, 150))",
        0.5,
        "points_hidden",
    ),
    partly(
        _P,
        "an age axis that begins in the middle of the study",
        """
        pooled_plot = sns.regplot(data=data, x='age', y='height')
        plt.xlim(0, 1)
        """,
        0.5,
        "points_hidden",
    ),
    partly(
        _P,
        "a logarithmic axis that has no place for ages below zero",
        """
        pooled_plot = sns.regplot(data=data, x='age', y='height', ci=None)
        pooled_plot.set_xscale('log')
        """,
        0.5,
        "points_hidden",
    ),
    partly(
        _P,
        "an opaque area over the first half",
        _drawn("""
        points(ax)
        line(ax)
        ax.axvspan(-1, 0, color='lightgrey', zorder=1.5)
        pooled_plot = ax
        """),
        0.5,
        "points_hidden",
    ),
    wrong(
        _P,
        "axes that look elsewhere",
        "pooled_plot = sns.lmplot(data=data, x='age', y='height', ci=None).set(ylim=(0, 100))",
        "points_hidden",
    ),
    partly(
        _P,
        "white points on white",
        "pooled_plot = sns.regplot(data=data, x='age', y='height', scatter_kws={'color': 'white'})",
        0.5,
        "points_missing",
    ),
    partly(
        _P,
        "points too pale to be seen",
        "pooled_plot = sns.regplot(data=data, x='age', y='height', scatter_kws={'alpha': .004})",
        0.5,
        "points_missing",
    ),
    partly(
        _P,
        "points too small to be seen",
        "pooled_plot = sns.regplot(data=data, x='age', y='height', scatter_kws={'s': .0001})",
        0.5,
        "points_missing",
    ),
    partly(
        _P,
        "points without a marker",
        _drawn("""
        points(ax, marker='')
        line(ax)
        pooled_plot = ax
        """),
        0.5,
        "points_missing",
    ),
    partly(
        _P,
        "a marker at every tenth point",
        _drawn("""
        ax.plot(data.age, data.height, 'o', markevery=10)
        line(ax)
        pooled_plot = ax
        """),
        0.5,
        "points_incomplete",
    ),
    partly(
        _P,
        "a white line on white",
        "pooled_plot = sns.regplot(data=data, x='age', y='height', ci=None, line_kws={'color': 'w'})",
        0.5,
        "line_missing",
    ),
    partly(
        _P,
        "a line through the means of the first and the last visit",
        _drawn("""
        points(ax)
        visits = data.groupby('Occasion')[['age', 'height']].mean()
        ax.plot(visits.age.iloc[[0, -1]], visits.height.iloc[[0, -1]])
        pooled_plot = ax
        """),
        0.5,
        "line_elsewhere",
    ),
    partly(
        _P,
        "the line on a second axis with other limits",
        _drawn("""
        points(ax)
        line(ax.twinx())
        pooled_plot = ax
        """),
        0.5,
        "second_axis",
    ),
    partly(
        _P,
        "lines for two halves of the class beside the single one",
        _drawn("""
        points(ax)
        line(ax)
        for half in (data[data.Subject <= 13], data[data.Subject > 13]):
            sns.regplot(data=half, x='age', y='height', ci=None, scatter=False, ax=ax)
        pooled_plot = ax
        """),
        0.5,
        "extra_lines",
    ),
    partly(
        _P,
        "the single line among those of all boys",
        _drawn("""
        points(ax)
        lines(ax, color='grey')
        line(ax, color='k', lw=3)
        pooled_plot = ax
        """),
        0.5,
        "extra_lines",
    ),
    wrong(
        _P,
        "the title's text after lmplot",
        """
        sns.lmplot(x='age', y='height', data=data, ci=None)
        pooled_plot = plt.title('Combined regression')
        """,
        "not_a_figure",
    ),
    wrong(
        _P,
        "what setting a title returns",
        "pooled_plot = sns.regplot(data=data, x='age', y='height', ci=None).set(title='all boys')",
        "not_a_figure",
    ),
    wrong(
        _P,
        "the legend",
        _drawn("""
        points(ax, label='boys')
        line(ax)
        pooled_plot = plt.legend()
        """),
        "not_a_figure",
    ),
    wrong(
        _P,
        "a strip plot over the visits",
        "pooled_plot = sns.stripplot(data=data, x='Occasion', y='height')",
        "occasion_on_x",
    ),
    wrong(
        _P,
        "a swarm over the visits",
        "pooled_plot = sns.swarmplot(data=data.astype({'Occasion': str}), x='Occasion', y='height', size=2)",
        "occasion_on_x",
    ),
    wrong(
        _P,
        "ages as categories",
        "pooled_plot = sns.catplot(data=data, x='age', y='height')",
        "categories",
    ),
    wrong(
        _P,
        "points in polar coordinates",
        """
        pooled_plot = plt.subplot(projection='polar')
        pooled_plot.scatter(data.age, data.height)
        pooled_plot.plot([-1, 1], np.polyval(np.polyfit(data.age, data.height, 1), [-1, 1]))
        """,
        "empty_figure",
    ),
    wrong(
        _P,
        "points in a box",
        """
        pooled_plot = plt.subplot(projection='3d')
        pooled_plot.scatter(data.age, data.height, data.Subject)
        """,
        "empty_figure",
    ),
    # One line for each boy.
    right(
        _S,
        "all boys in grey behind each boy's line",
        """
        subject_plot, axes = plt.subplots(4, 7, sharex=True, sharey=True)
        for ax, (_, boy) in zip(axes.flat, data.groupby('Subject')):
            ax.scatter(data.age, data.height, color='lightgrey', s=2)
            ax.scatter(boy.age, boy.height, s=4)
            ax.plot(boy.age, np.polyval(np.polyfit(boy.age, boy.height, 1), boy.age))
        """,
    ),
    right(
        _S,
        "the other boys' lines in grey behind each boy's line",
        _drawn("""
        subject_plot, axes = plt.subplots(4, 7, sharex=True, sharey=True)
        for panel, (_, boy) in zip(axes.flat, data.groupby('Subject')):
            lines(panel, color='lightgrey', lw=.5)
            points(panel, color='lightgrey', s=2)
            sns.regplot(data=boy, x='age', y='height', ci=None, ax=panel)
        """),
    ),
    right(
        _S,
        "panels of seaborn objects",
        """
        import seaborn.objects as so
        subject_plot = (
            so.Plot(data, 'age', 'height').facet('Subject', wrap=7)
            .add(so.Dots()).add(so.Line(), so.PolyFit(order=1))
        )
        """,
    ),
    right(
        _S,
        "panels in rows, with bands",
        "subject_plot = sns.lmplot(data, x='age', y='height', col='Subject', col_wrap=9, height=1.5, n_boot=20)",
    ),
    right(
        _S,
        "the lines on a second axis with the same limits",
        _drawn("""
        points(ax)
        second = ax.twinx()
        lines(second)
        second.set_ylim(ax.get_ylim())
        subject_plot = second
        """),
    ),
    right(
        _S,
        "each boy's limits of confidence, dashed",
        _drawn("""
        points(ax)
        lines(ax)
        for _, boy in data.groupby('Subject'):
            frame = smf.ols('height ~ age', boy).fit().get_prediction(boy).summary_frame()
            ax.plot(boy.age, frame.mean_ci_lower, '--', boy.age, frame.mean_ci_upper, '--')
        subject_plot = ax
        """),
    ),
    right(
        _S,
        "each boy's points joined, and his line",
        _drawn("""
        for _, boy in data.groupby('Subject'):
            ax.plot(boy.age, boy.height, 'o-', lw=.3)
        lines(ax)
        subject_plot = ax
        """),
    ),
    right(
        _S,
        "error bars with caps, means of the boys",
        _drawn("""
        ax.errorbar(data.age, data.height, yerr=.5, xerr=.05, fmt='.', capsize=3)
        lines(ax)
        means = data.groupby('Subject').mean()
        ax.plot(means.age, means.height, 's')
        subject_plot = ax
        """),
    ),
    right(
        _S,
        "axline for each boy",
        """
        ax = sns.scatterplot(data=data, x='age', y='height', hue='Subject')
        for _, boy in data.groupby('Subject'):
            a, b = smf.ols('height ~ age', boy).fit().params
            ax.axline((0, a), slope=b)
        subject_plot = ax
        """,
    ),
    right(
        _S,
        "predictions rounded to a millimetre",
        _drawn("""
        points(ax)
        for _, boy in data.groupby('Subject'):
            ends = boy.age.iloc[[0, -1]]
            ax.plot(ends, np.polyval(np.polyfit(boy.age, boy.height, 1), ends).round(1))
        subject_plot = ax
        """),
    ),
    right(
        _S,
        "coefficients rounded to one decimal",
        _drawn("""
        points(ax)
        for _, boy in data.groupby('Subject'):
            b, a = np.polyfit(boy.age, boy.height, 1).round(1)
            ax.plot([-1, 1], [a - b, a + b])
        subject_plot = ax
        """),
    ),
    right(
        _S,
        "own lines, and dashed those of a random-slope model for comparison",
        _drawn("""
        fit = smf.mixedlm('height ~ age', data, groups='Subject', re_formula='~age').fit(method='bfgs')
        points(ax)
        lines(ax)
        for _, boy in data.groupby('Subject'):
            ax.plot(boy.age, fit.fittedvalues[boy.index], 'k--')
        subject_plot = ax
        """),
    ),
    right(
        _S,
        "pandas alone, means as reference lines",
        """
        fig, ax = plt.subplots()
        for _, boy in data.groupby('Subject'):
            boy = boy.assign(line=np.polyval(np.polyfit(boy.age, boy.height, 1), boy.age))
            boy.plot(x='age', y='height', style='.', ax=ax, legend=False)
            boy.plot(x='age', y='line', ax=ax, legend=False)
        ax.axhline(data.height.mean())
        ax.hlines(data.height.median(), -1, 1)
        subject_plot = fig
        """,
    ),
    right(
        _S,
        "a panel that shows all points once more",
        _drawn("""
        subject_plot, (left, right) = plt.subplots(1, 2)
        points(left)
        points(right)
        lines(right)
        """),
    ),
    partly(
        _S,
        "the lines that a random-slope model predicts",
        """
        fit = smf.mixedlm('height ~ age', data, groups='Subject', re_formula='~age').fit(method='bfgs')
        data['line'] = fit.fittedvalues
        sns.scatterplot(data=data, x='age', y='height')
        subject_plot = sns.lineplot(data=data, x='age', y='line', units='Subject', estimator=None)
        """,
        0.5,
        "shrunken_lines",
    ),
    partly(
        _S,
        "coefficients of a random-slope model by maximum likelihood",
        _drawn("""
        fit = smf.mixedlm('height ~ age', data, groups='Subject', re_formula='~age').fit(reml=False, method='bfgs')
        points(ax)
        for effects in fit.random_effects.values():
            a, b = fit.fe_params.to_numpy() + effects.to_numpy()
            ax.plot([-1, 1], [a - b, a + b])
        subject_plot = ax
        """),
        0.5,
        "shrunken_lines",
    ),
    partly(
        _S,
        "predictions of a model with independent effects, to a millimetre, panel by panel",
        """
        fit = smf.mixedlm('height ~ age', data, groups='Subject', vc_formula={'s': '0 + age'}, re_formula='1').fit()
        data['line'] = fit.fittedvalues.round(1)
        grid = sns.FacetGrid(data, col='Subject', col_wrap=7, height=1)
        grid.map(plt.scatter, 'age', 'height')
        subject_plot = grid.map(lambda x, y, **style: plt.plot(x.iloc[[0, -1]], y.iloc[[0, -1]]), 'age', 'line')
        """,
        0.5,
        "shrunken_lines",
    ),
    partly(
        _S,
        "lines of all boys but one, and the single one",
        """
        subject_plot = sns.scatterplot(data=data, x='age', y='height')
        for subject in range(1, 26):
            sns.regplot(data=data[data.Subject == subject], x='age', y='height', ci=None, scatter=False)
        sns.regplot(data=data, x='age', y='height', ci=None, scatter=False)
        """,
        0.5,
        "boys_incomplete",
    ),
    partly(
        _S,
        "functions made in a loop, which all see its last boy",
        """
        lines = []
        for _, boy in data.groupby('Subject'):
            lines.append(lambda age: np.polyval(np.polyfit(boy.age, boy.height, 1), age))
        subject_plot = sns.scatterplot(data=data, x='age', y='height')
        for predicted in lines:
            subject_plot.plot([-1, 1], predicted(np.array([-1, 1])))
        """,
        0.5,
        "same_line_repeated",
    ),
    partly(
        _S,
        "one boy's line in each boy's panel",
        """
        last = np.polyfit(*data.loc[data.Subject == 26, ['age', 'height']].to_numpy().T, 1)
        subject_plot, axes = plt.subplots(4, 7)
        for ax, (_, boy) in zip(axes.flat, data.groupby('Subject')):
            ax.scatter(boy.age, boy.height)
            ax.plot([-1, 1], np.polyval(last, [-1, 1]))
        """,
        0.5,
        "same_line_repeated",
    ),
    partly(
        _S,
        "the next boy's line in each boy's panel",
        """
        boys = [boy for _, boy in data.groupby('Subject')]
        subject_plot, axes = plt.subplots(4, 7, sharex=True, sharey=True)
        for ax, boy, other in zip(axes.flat, boys, boys[1:] + boys[:1]):
            ax.scatter(boy.age, boy.height)
            ax.plot(other.age, np.polyval(np.polyfit(other.age, other.height, 1), other.age))
        """,
        0.5,
        "line_in_other_panel",
    ),
    partly(
        _S,
        "a figure for each boy, in a list",
        """
        subject_plot = []
        for _, boy in data.groupby('Subject'):
            fig, ax = plt.subplots()
            sns.regplot(data=boy, x='age', y='height', ci=None, ax=ax)
            subject_plot.append(fig)
        """,
        0.5,
        "several_figures",
    ),
    partly(
        _S,
        "an age axis that ends in the middle of the study",
        "subject_plot = sns.lmplot(data, x='age', y='height', hue='Subject', ci=None).set(xlim=(-1, 0))",
        0.5,
        "points_hidden",
    ),
    partly(
        _S,
        "a height axis that leaves out the smallest and the tallest",
        "subject_plot = sns.lmplot(data, x='age', y='height', hue='Subject', ci=None).set(ylim=(138, 162))",
        0.5,
        "points_hidden",
    ),
    wrong(
        _S,
        "a height axis that shows a few boys",
        "subject_plot = sns.lmplot(data, x='age', y='height', hue='Subject', ci=None).set(ylim=(160, 175))",
        "points_hidden",
    ),
    partly(
        _S,
        "the lines on a second axis with other limits",
        _drawn("""
        points(ax)
        second = ax.twinx()
        lines(second)
        second.set_ylim(100, 200)
        subject_plot = fig
        """),
        0.5,
        "second_axis",
    ),
    partly(
        _S,
        "white points, coloured lines",
        _drawn("""
        points(ax, color='white')
        lines(ax)
        subject_plot = ax
        """),
        0.5,
        "points_missing",
    ),
    partly(
        _S,
        "lines for halves of the class on top of the boys' lines",
        _drawn("""
        points(ax)
        lines(ax)
        for half in (data[data.Subject <= 13], data[data.Subject > 13]):
            sns.regplot(data=half, x='age', y='height', ci=None, scatter=False, ax=ax, color='k')
        subject_plot = ax
        """),
        0.5,
        "extra_lines",
    ),
    wrong(
        _S,
        "the title's text after lmplot",
        """
        sns.lmplot(data, x='age', y='height', hue='Subject', ci=None)
        subject_plot = plt.title('Subject-specific regressions')
        """,
        "not_a_figure",
    ),
    wrong(
        _S,
        "a strip plot over the boys",
        "subject_plot = sns.stripplot(data=data, x='Subject', y='height')",
        "subject_on_x",
    ),
    wrong(
        _S,
        "a strip plot over the visits, coloured by boy",
        "subject_plot = sns.catplot(data=data, x='Occasion', y='height', hue='Subject', jitter=.3)",
        "occasion_on_x",
    ),
]

CASES += CONTEXT

#: What the grader, which has the key, gives. A notebook only records a choice: it gives nothing yet.
CHOICES: list[Case] = [
    right("needs_multilevel", "as asked", "needs_multilevel = 'yes'"),
    right("needs_multilevel", "double quotes", 'needs_multilevel = "yes"'),
    right("needs_multilevel", "a capital", "needs_multilevel = 'Yes'"),
    right("needs_multilevel", "capitals and a full stop", "needs_multilevel = 'YES.'"),
    right("needs_multilevel", "space around", "needs_multilevel = ' yes '"),
    right("needs_multilevel", "the only element of a list", "needs_multilevel = ['yes']"),
    right("needs_multilevel", "chosen from the figures", "needs_multilevel = 'yes' if len(data) > 26 else 'no'"),
    right("needs_multilevel", "a truth value", "needs_multilevel = True"),
    right("needs_multilevel", "a truth value as text", "needs_multilevel = 'True'"),
    right("needs_multilevel", "in another language", "needs_multilevel = 'ja'"),
    wrong("needs_multilevel", "the other option", "needs_multilevel = 'no'", "other_option"),
    wrong("needs_multilevel", "the other option, in capitals", "needs_multilevel = 'NO'", "other_option"),
    wrong("needs_multilevel", "both options", "needs_multilevel = ['yes', 'no']", "no_option"),
    wrong("needs_multilevel", "no option", "needs_multilevel = 'maybe'", "no_option"),
    wrong("needs_multilevel", "the other truth value", "needs_multilevel = False", "other_option"),
    wrong("needs_multilevel", "a truth value of NumPy", "needs_multilevel = np.bool_(True)", "no_option"),
    wrong("needs_multilevel", "two words", "needs_multilevel = 'yes and no'", "no_option"),
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
        right("deciding_observation", repr(text), f"deciding_observation = {text!r}")
        for text in (
            "option c",
            "Answer C.",
            "c) A boy above the one line at one visit is above it at nearly all.",
            "c: a boy above the one line at one visit is above it at nearly all",
        )
    ),
    *(
        wrong("deciding_observation", repr(value), f"deciding_observation = {value!r}", "no_option")
        for value in (
            "e",
            "cc",
            "c or d",
            "c) or perhaps d)",
            "c) and also d, it seems",
            "b, c",
            "c) is wrong, so a",
            "option e",
            "A boy above the one line",
            3,
            False,
            ["a", "c"],
            {"c": 1, "a": 2},
        )
    ),
    wrong("deciding_observation", "a letter without quotes", "deciding_observation = c"),
    wrong("deciding_observation", "the placeholder", "deciding_observation = None"),
]
