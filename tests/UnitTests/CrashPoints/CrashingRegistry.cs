using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Mlops.UnitTests.CrashPoints;

/// <summary>Makes each command to the database a step. After it is before the next one, or before the commit.</summary>
internal sealed class CrashingCommands(CrashPlan plan) : DbCommandInterceptor
{
    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        plan.Step(Before(command));
        return base.ReaderExecutingAsync(command, eventData, result, cancellationToken);
    }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        plan.Step(Before(command));
        return base.NonQueryExecutingAsync(command, eventData, result, cancellationToken);
    }

    public override ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken = default)
    {
        plan.Step(Before(command));
        return base.ScalarExecutingAsync(command, eventData, result, cancellationToken);
    }

    private static string Before(DbCommand command)
    {
        var words = command.CommandText.Split((char[])[' ', '\n', '\r'], 8, StringSplitOptions.RemoveEmptyEntries);
        return $"before {string.Join(' ', words.Take(7))} …";
    }
}

/// <summary>Makes the moments before and after a commit steps.</summary>
internal sealed class CrashingTransactions(CrashPlan plan) : DbTransactionInterceptor
{
    public override ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        plan.Step("before the commit");
        return base.TransactionCommittingAsync(transaction, eventData, result, cancellationToken);
    }

    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        plan.Step("after the commit");
        return base.TransactionCommittedAsync(transaction, eventData, cancellationToken);
    }
}
