"""Makes this folder an nbgrader course folder."""

c = get_config()  # noqa: F821 (nbgrader defines it)

c.CourseDirectory.course_id = "oxboys-mlm"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"

# What stands in an answer cell until a student writes there. It runs without an error, so that an unfinished
# notebook still runs to its end.
c.ClearSolutions.code_stub = {"python": "# Write your answer here, run this cell, then run the check below."}
c.ClearSolutions.text_stub = "*Write your answer here, in place of this line.*"

# If pyproject.toml names the repository's address, set-up cells can install the package on Colab.
c.GenerateAssignment.preprocessors.insert(0, "oxboys_mlm.nbgrader.InstallOnColab")

# Read submissions as data, rebuild them from the release, run them, judge what they recorded.
c.Autograde.exporter_class = "oxboys_mlm.nbgrader.SubmissionExporter"
c.Autograde.sanitize_preprocessors = []
c.Autograde.autograde_preprocessors = [
    "oxboys_mlm.nbgrader.RunAndJudge",
    "oxboys_mlm.nbgrader.SaveMarks",
]

# Collect what Moodle and Canvas give to download.
c.ZipCollectApp.collector_plugin = "oxboys_mlm.nbgrader.PlatformCollector"

# Handing in late costs nothing, unless one of these is set; see "Lateness" in the guide for instructors.
c.AssignLatePenalties.plugin_class = "oxboys_mlm.nbgrader.LatePolicy"
# c.LatePolicy.penalty_method = "daily"  # or "zero": no points
# c.LatePolicy.daily_share = 0.1  # of a notebook's points, for each started day
# c.LatePolicy.floor = 0.5  # share of its points that stays in any case
# c.LatePolicy.grace_minutes = 15
# c.LatePolicy.time_zone = "Europe/Berlin"

# Longest time of one cell and of one notebook, in seconds.
c.Limits.cell_seconds = 60
c.Limits.notebook_seconds = 300

# Files beside the solutions that a run finds beside its notebook, such as "measurements.csv". This course needs none.
c.Materials.files = []

# Feedback pages and formgrader show students' notebooks; nothing of a student's may run there.
c.HTMLExporter.preprocessors = ["oxboys_mlm.nbgrader.SafeOutputs"]
c.HTMLExporter.filters = {
    "markdown2html": "oxboys_mlm.nbgrader.markdown2html",
    "highlight_code": "oxboys_mlm.nbgrader.highlight_code",
}

# Feedback pages: points and comments at the top, nothing fetched from elsewhere.
c.GenerateFeedback.exporter_class = "oxboys_mlm.nbgrader.FeedbackExporter"
c.GenerateFeedback.preprocessors = ["oxboys_mlm.nbgrader.AddMarks"]
