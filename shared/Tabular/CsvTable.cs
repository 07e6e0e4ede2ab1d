using System.Runtime.CompilerServices;
using Mlops.Contracts;
using Sylvan.Data.Csv;

namespace Mlops.Tabular;

/// <summary>
/// Reads CSV as RFC 4180 describes it, in UTF-8, with a header. A column is numeric if all of its values that are not
/// missing (<see cref="MissingText"/>) are finite numbers in invariant notation, else categorical; texts are kept
/// as they stand. Where nine in ten values or more are numbers, or 4 096 different numbers came first, a text among
/// them is taken for a mistake unless the column is declared. Empty lines are passed over at the end of the file only;
/// where there is but one column, an empty line is a missing value.
/// </summary>
public static class CsvTable
{
    /// <summary>Reads a whole file in one pass; memory is bounded by the options.</summary>
    /// <param name="utf8">Read from where it stands; left open.</param>
    /// <param name="options">Columns declared by hand, and bounds.</param>
    /// <param name="cancellationToken">Looked at before each row.</param>
    /// <exception cref="Fault">
    /// Invalid: it is not such a file, a value does not fit its column, or a bound of the options is passed; with row and
    /// column where there is one. TooLarge: the file has more bytes than the options accept. No more is read than it takes
    /// to know.
    /// </exception>
    public static Table Read(Stream utf8, CsvOptions options, CancellationToken cancellationToken)
    {
        var table = new TableBuilder(options);
        using var text = CsvDialect.Decode(new BoundedStream(utf8, options.MaxBytes));
        try
        {
            using var csv = CsvDataReader.Create(text, CsvDialect.Options(options.MaxRecordLength));
            while (csv.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                table.Add(csv);
            }
        }
        catch (CsvFormatException exception)
        {
            throw table.FaultOf(exception);
        }
        return table.Build();
    }

    /// <summary>As <see cref="Read"/>, for a stream that must not be waited for, such as a request's body.</summary>
    /// <inheritdoc cref="Read"/>
    public static async Task<Table> ReadAsync(Stream utf8, CsvOptions options, CancellationToken cancellationToken)
    {
        var table = new TableBuilder(options);
        using var text = CsvDialect.Decode(new BoundedStream(utf8, options.MaxBytes));
        try
        {
            await using var csv = await CsvDataReader.CreateAsync(text, CsvDialect.Options(options.MaxRecordLength), cancellationToken);
            while (await csv.ReadAsync(cancellationToken))
                table.Add(csv);
        }
        catch (CsvFormatException exception)
        {
            throw table.FaultOf(exception);
        }
        return table.Build();
    }

    /// <summary>
    /// As <see cref="ReadAsync"/>, some rows at a time, so that a file may be larger than memory. A text column's levels are those
    /// of its block.
    /// </summary>
    /// <param name="utf8">Read from where it stands; left open.</param>
    /// <param name="options">Declare every column, because a block does not show what the next one holds.</param>
    /// <param name="blockRows">Rows in a block, at least 1; the last has what is left.</param>
    /// <param name="cancellationToken">Looked at before each row.</param>
    /// <exception cref="Fault">As for <see cref="Read"/>, once the block is asked for that shows it.</exception>
    public static async IAsyncEnumerable<Table> ReadBlocksAsync(
        Stream utf8, CsvOptions options, int blockRows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var table = new TableBuilder(options);
        using var text = CsvDialect.Decode(new BoundedStream(utf8, options.MaxBytes));
        CsvDataReader? csv = null;
        try
        {
            while (await NextAsync() is { } block)
                yield return block;
        }
        finally
        {
            if (csv is not null)
                await csv.DisposeAsync();
        }

        async Task<Table?> NextAsync()
        {
            try
            {
                csv ??= await CsvDataReader.CreateAsync(text, CsvDialect.Options(options.MaxRecordLength), cancellationToken);
                while (table.BlockRows < blockRows && await csv.ReadAsync(cancellationToken))
                    table.Add(csv);
            }
            catch (CsvFormatException exception)
            {
                throw table.FaultOf(exception);
            }
            return table.TakeBlock();
        }
    }
}
