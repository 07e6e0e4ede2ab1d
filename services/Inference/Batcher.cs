using System.Diagnostics;
using Mlops.Contracts;

namespace Mlops.Inference;

/// <summary>Runs one model's requests, as many at once as it may, and those that have to wait together.</summary>
public sealed class Batcher : IDisposable
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<WaitingRequest, (ulong Priority, long Order)> _waiting = new();
    private readonly BatchedRuns _model;
    private readonly ModelStatistics _statistics;
    private readonly BatchingOptions _options;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly int _capacity;
    private readonly int _runs;
    private readonly RunPace _pace = new();
    private int _running;
    // As many as _waiting holds, to be looked at without its lock.
    private int _queued;
    private long _waitingRows;
    private long _runningRows;
    private long _freeSince;
    private long _order;

    /// <param name="model">Runs the requests.</param>
    /// <param name="statistics">Learns how long they wait.</param>
    /// <param name="options">How they share runs.</param>
    /// <param name="time">The clock.</param>
    public Batcher(BatchedRuns model, ModelStatistics statistics, BatchingOptions options, TimeProvider time)
    {
        (_model, _statistics, _options, _time) = (model, statistics, options, time);
        _capacity = Math.Clamp(model.Capacity, 1, options.MaxRows);
        _runs = options.Runs > 0 ? options.Runs : Environment.ProcessorCount;
        _timer = time.CreateTimer(_ => Start(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The batcher of a model.</summary>
    public static Batcher Of(OnnxModel model, ModelStatistics statistics, BatchingOptions options, TimeProvider time) =>
        new(new BatchedRuns(request => model.Run(request, statistics), batch => model.Run(batch, statistics), model.WhyRunsAreNotShared is null ? model.RowCapacity : 1), statistics, options, time);

    /// <summary>Most rows of a run that requests share; 1 where they share none.</summary>
    public int Capacity => _capacity;

    /// <summary>Runs at once.</summary>
    public int Runs => _runs;

    /// <summary>Answers a request, on this thread if a run is free.</summary>
    /// <exception cref="Fault">Too many wait already.</exception>
    public ValueTask<ModelAnswer> RunAsync(in CheckedRequest request, RequestParameters parameters, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _queued) == 0 && TryBegin(RunsAtOnce()))
        {
            var (begun, rows) = (_time.GetTimestamp(), RowsOf(request));
            _statistics.Queue.Add(1, 0);
            try
            {
                _pace.Begin(Interlocked.Add(ref _runningRows, rows));
                return new ValueTask<ModelAnswer>(_model.Alone(request));
            }
            finally
            {
                End(begun, rows, Fits(request));
            }
        }

        var waiting = new WaitingRequest(request, parameters, _time, cancellationToken);
        lock (_lock)
        {
            if (_queued >= _options.QueueCapacity)
                throw new Fault(FaultKind.Unavailable, "", $"the model's queue is full: {_options.QueueCapacity} requests wait");
            // Who says nothing comes after everybody who says something.
            _waiting.Enqueue(waiting, (unchecked(parameters.Priority - 1), _order++));
            _waitingRows += RowsOf(request);
            _queued++;
        }

        Start();
        return new ValueTask<ModelAnswer>(waiting.Task);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <summary>One that fits no batch counts as a whole one, and so runs alone.</summary>
    private int RowsOf(in CheckedRequest request) => Fits(request) ? request.Rows : _capacity;

    private bool Fits(in CheckedRequest request) => request.Rows >= 1 && request.Rows <= _capacity;

    private bool MayWait => _options.MaxQueueDelayMicroseconds > 0 && _capacity > 1;

    /// <summary>How long runs are waited for each other's callers, so that they share evenly; nothing where the settings say how long.</summary>
    private TimeSpan Patience => _capacity > 1 && !MayWait ? _pace.Patience : TimeSpan.Zero;

    /// <summary>Runs beside which a request that finds nobody waiting may start at once.</summary>
    private int RunsAtOnce() => MayWait ? 1 : Patience == TimeSpan.Zero || _pace.Share(_runs, _capacity) == 1 ? _runs : 0;

    private bool TryBegin(int runs)
    {
        var running = Volatile.Read(ref _running);
        while (running < runs)
        {
            var seen = Interlocked.CompareExchange(ref _running, running + 1, running);
            if (seen == running)
                return true;
            running = seen;
        }

        return false;
    }

    /// <summary>Who has just begun to wait either sees this run ended, or is seen here.</summary>
    private void End(long begun, int rows, bool fits)
    {
        Interlocked.Add(ref _runningRows, -rows);
        // How long one takes that fits no batch says nothing of how long batches take.
        if (fits)
            _pace.End(_time.GetElapsedTime(begun));
        Volatile.Write(ref _freeSince, _time.GetTimestamp());
        Interlocked.Decrement(ref _running);
        if (Volatile.Read(ref _queued) > 0)
            Start();
    }

    /// <summary>Starts what can run now, on other threads; or looks again when the longest wait is over.</summary>
    private void Start()
    {
        while (true)
        {
            List<WaitingRequest> batch;
            lock (_lock)
            {
                var outstanding = _waitingRows + Volatile.Read(ref _runningRows);
                _pace.See(outstanding);
                if (_queued == 0 || Volatile.Read(ref _running) >= _runs)
                    return;
                var patience = Patience;
                var left = LeftToWait(patience);
                var most = patience > TimeSpan.Zero ? _pace.Share(_runs, _capacity) : _capacity;
                var rows = BatchRule.Rows(_waitingRows, most, _options.PreferredRows, left > TimeSpan.Zero);
                if (rows == 0)
                {
                    _timer.Change(left, Timeout.InfiniteTimeSpan);
                    return;
                }

                if (!TryBegin(_runs))
                    return;
                _pace.Begin(outstanding);
                batch = Take(rows);
                Interlocked.Add(ref _runningRows, batch.Sum(waiting => RowsOf(waiting.Request)));
            }

            ThreadPool.UnsafeQueueUserWorkItem(static state => state.Batcher.Finish(state.Batch), (Batcher: this, Batch: batch), preferLocal: false);
        }
    }

    /// <summary>How much longer those who wait may wait for others.</summary>
    private TimeSpan LeftToWait(TimeSpan patience)
    {
        if (patience == TimeSpan.Zero && !(MayWait && Volatile.Read(ref _running) > 0))
            return TimeSpan.Zero;
        var waited = _waiting.UnorderedItems.Max(item => item.Element.Waited);
        if (patience == TimeSpan.Zero)
            return TimeSpan.FromMicroseconds(_options.MaxQueueDelayMicroseconds) - waited;
        // Until a run was free they had no choice.
        var free = _time.GetElapsedTime(Volatile.Read(ref _freeSince));
        return patience - (free < waited ? free : waited);
    }

    private List<WaitingRequest> Take(long rows)
    {
        var batch = new List<WaitingRequest>();
        for (var taken = 0; _waiting.TryPeek(out var next, out _); taken += RowsOf(next.Request))
        {
            // A first one is taken whatever its size: it runs alone then.
            if (batch.Count > 0 && taken + RowsOf(next.Request) > rows)
                break;
            _waiting.Dequeue();
            _queued--;
            _waitingRows -= RowsOf(next.Request);
            batch.Add(next);
        }

        return batch;
    }

    private void Finish(List<WaitingRequest> batch)
    {
        var (begun, rows) = (_time.GetTimestamp(), batch.Sum(waiting => RowsOf(waiting.Request)));
        batch.RemoveAll(waiting => waiting.TryGiveUp());
        foreach (var waiting in batch)
            _statistics.Queue.Add(1, (long)(waiting.Waited.TotalSeconds * Stopwatch.Frequency));
        if (batch.Count == 1 || !TryTogether(batch))
            batch.ForEach(Alone);
        End(begun, rows, batch.TrueForAll(waiting => Fits(waiting.Request)));
    }

    private bool TryTogether(List<WaitingRequest> batch)
    {
        if (batch.Count == 0)
            return true;
        try
        {
            var answers = _model.Together([.. batch.Select(waiting => waiting.Request)]);
            for (var index = 0; index < answers.Length; index++)
                batch[index].SetResult(answers[index]);
            return true;
        }
        catch (Exception)
        {
            // One caller's values must not spoil the answers of the others: each is told by a run of its own.
            return false;
        }
    }

    private void Alone(WaitingRequest waiting)
    {
        try
        {
            waiting.SetResult(_model.Alone(waiting.Request));
        }
        catch (Exception failure)
        {
            waiting.SetException(failure);
        }
    }
}

/// <summary>How a model runs requests.</summary>
/// <param name="Alone">Answers one.</param>
/// <param name="Together">Answers several by one run, or throws.</param>
/// <param name="Capacity">Most rows of those that run together.</param>
public sealed record BatchedRuns(Func<CheckedRequest, ModelAnswer> Alone, Func<CheckedRequest[], ModelAnswer[]> Together, int Capacity);
