using System.Runtime.InteropServices;
using Mlops.Contracts.Rollouts;
using Mlops.Monitoring;

namespace Mlops.Inference.Rollouts;

/// <summary>Counts what one side of a rollout does, for a while.</summary>
public sealed class AnswerCounts
{
    private const int MostOutputs = 32, MostColumns = 16, MostRows = 16, MostCategories = 64, LongestCategory = 64;

    /// <summary>Stands for categories beyond those that are counted one by one.</summary>
    private const string Others = "(others)";

    private readonly Lock _lock = new();
    private readonly Dictionary<int, long> _latency = [];
    private readonly Dictionary<string, Counts> _outputs = [];
    private long _requests;
    private long _errors;

    /// <summary>A request was answered.</summary>
    public void Answered(TimeSpan latency, IReadOnlyList<OutputTensor> outputs)
    {
        lock (_lock)
        {
            _requests++;
            Add(_latency, SketchBins.Of(latency.TotalMicroseconds));
            foreach (var output in outputs)
                Count(output);
        }
    }

    /// <summary>A request was not answered.</summary>
    public void Failed()
    {
        lock (_lock)
        {
            _requests++;
            _errors++;
        }
    }

    /// <summary>What was counted since this was called last.</summary>
    public ObservedAnswers Take()
    {
        lock (_lock)
        {
            var taken = new ObservedAnswers
            {
                Requests = _requests,
                Errors = _errors,
                Latency = new Dictionary<int, long>(_latency),
                Outputs = _outputs.ToDictionary(output => output.Key, output => new ObservedOutput(new Dictionary<int, long>(output.Value.Numbers), new Dictionary<string, long>(output.Value.Categories))),
            };
            (_requests, _errors) = (0, 0);
            _latency.Clear();
            _outputs.Clear();
            return taken;
        }
    }

    private static void Add<TKey>(Dictionary<TKey, long> counts, TKey key)
        where TKey : notnull
        => CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _)++;

    /// <summary>Rows from all over a large answer: their number is the caller's choice, what counting them costs is not.</summary>
    private void Count(in OutputTensor output)
    {
        var elements = OutputElements.Of(output);
        var (rows, columns) = output.Shape is [var first, .. var rest] ? (first, rest.Aggregate(1L, (product, size) => product * size)) : (1, 1);
        var step = Math.Max(1, (rows + MostRows - 1) / MostRows);
        for (var row = 0L; row < rows; row += step)
            for (var column = 0L; column < Math.Min(columns, MostColumns); column++)
                Count(columns == 1 ? output.Name : $"{output.Name}[{column}]", elements, (int)((row * columns) + column));
    }

    private void Count(string name, OutputElements elements, int index)
    {
        if (!_outputs.TryGetValue(name, out var counts))
        {
            if (_outputs.Count >= MostOutputs)
                return;
            _outputs.Add(name, counts = new Counts([], []));
        }

        if (elements.IsNumber)
        {
            Add(counts.Numbers, SketchBins.Of(elements.Number(index)));
            return;
        }

        var category = elements.Category(index);
        if (category.Length > LongestCategory)
            category = category[..LongestCategory];
        Add(counts.Categories, counts.Categories.Count < MostCategories || counts.Categories.ContainsKey(category) ? category : Others);
    }

    private sealed record Counts(Dictionary<int, long> Numbers, Dictionary<string, long> Categories);
}
