"""The words of the section Speed of docs/benchmarks.md that are not measured."""

INTRODUCTION = """\
Time from a file to its matches, on tables of made-up people with typing errors, moved houses, households and missing
values. The systems took turns on the same cores; a number is the median of the repeats, the least and the most stand in
brackets where they differ."""

ABOUT_RATIOS = """\
Not quite like beside like: Splink's seconds include its training and those of `findmatches run` do not (labeling and
training have rows of their own in the tables below), and Splink's memory is that of a process that clusters at five
thresholds."""

HOW_TO_READ = """\
- **run, nothing kept** is `findmatches run` with a trained model, from reading the file to the published output, after
  all that the workspace kept of compared pairs was deleted: candidates, similarities and the model's word on each pair
  are made anew. **run, comparison kept** is the same command once more, with what the first one left.
- **labels generate, file 1** compares too: nothing is kept before it. **labels import + train** are both commands, one
  after the other, after the oracle labelled all rows of the file; the comparison is kept by then.
- **Splink** is the sum of reading the file, training, predicting and clustering at probability .9
  (`benchmarks/peers/splink_people.py`: settings written by hand for these columns, no labels). Starting Python, loading
  the libraries and writing the clusters are not in it; in the times of findmatches they are. The whole process has
  them, and clusters at four thresholds more. Memory is always that of the whole process. F1 is at .9, and at the best
  of five thresholds, which only the truth tells.
- **dedupe** is the whole process with one thread and 100 pairs answered, on tables of at most 10,000 rows.
- **Seconds** are those of the clock; **CPU seconds** those of all processors. **Memory** is the most that the process
  had, with what it mapped of files. The file cache of the system was not emptied between runs.
- **Memory allowed**: Splink's DuckDB had 12 GB and dedupe 12 GiB of address space, where the command below names no
  `--memory-gib`; findmatches had what its workers have, at most 60 % of the machine's memory, where the command names
  no `--memory-limit`."""

ABOUT_SCORING = """\
The floor of scoring is rapidfuzz's bare kernel: Jaro-Winkler of the two raw texts of every compared column of a pair,
lists made beforehand, nothing else. Beside it stands what findmatches does with the same pairs on the same threads: all
its similarities (each computed once for each distinct pair of values), and the forest's word on each pair. The two do
not do the same: findmatches gives many more numbers a pair, by dearer measures, and a probability. Not in its time are
preparing the values of the table, which it does once, and the first pass."""
