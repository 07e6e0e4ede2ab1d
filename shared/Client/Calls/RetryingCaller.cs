using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Mlops.Client.Calls;

/// <summary>Makes unary calls: each until it is answered, refused, cancelled, or out of attempts or time.</summary>
/// <param name="policy">Decides about another attempt.</param>
/// <param name="time">Measures deadlines and waits.</param>
/// <param name="chance">Draws evenly from 0 to 1; called by many threads.</param>
/// <param name="logger">Told of each attempt that is repeated.</param>
internal sealed partial class RetryingCaller(RetryPolicy policy, TimeProvider time, Func<double> chance, ILogger logger)
{
    /// <exception cref="InferenceException">It was refused, or never answered.</exception>
    /// <exception cref="OperationCanceledException">The caller gave it up.</exception>
    public async Task<T> CallAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call, CallBudget budget, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return await call(new CallOptions(deadline: budget.End, cancellationToken: cancellationToken));
            }
            catch (RpcException failure)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var status = CallStatus.Of(failure);
                if (policy.WaitAfter(attempt, status, RetryHint.In(failure.Trailers), budget.Remaining, chance()) is not { } wait)
                    throw new InferenceException(failure, status, budget.Total, attempt);
                LogRetry(logger, attempt, status, wait);
                await Task.Delay(wait, time, cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Attempt {Attempt} failed with {Status}; the next one follows in {Wait}.")]
    private static partial void LogRetry(ILogger logger, int attempt, StatusCode status, TimeSpan wait);
}
