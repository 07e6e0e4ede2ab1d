// Whole platforms run in these tests; one at a time is enough for a small machine.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
