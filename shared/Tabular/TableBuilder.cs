using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Sylvan.Data.Csv;

namespace Mlops.Tabular;

/// <summary>Takes the records of a CSV file one by one: the header, then the rows.</summary>
internal sealed class TableBuilder(CsvOptions options)
{
    private readonly List<string> _ignored = [];
    private TextBudget _budget = new(options.MaxDistinctTexts);
    private IReadOnlyList<string> _names = [];

    // One per field of a record, null where the column is ignored; null before the header.
    private ColumnReader?[]? _columns;
    private long _rows;
    private bool _emptyLine;

    public void Add(CsvDataReader record)
    {
        if (_columns is null)
            _columns = ReadHeader(record);
        else if (_emptyLine)
            throw Ragged("an empty line", _rows + 1);
        else if (_columns.Length > 1 && record.RowFieldCount == 1 && record.GetFieldSpan(0).IsEmpty)
            _emptyLine = true;
        else
            AddRow(record, _columns);
    }

    /// <summary>Rows since the last block was taken.</summary>
    public int BlockRows { get; private set; }

    /// <summary>Ends a block: a table of the rows since the last one, if there are any. Columns must be declared, or each block would have types of its own.</summary>
    public Table? TakeBlock()
    {
        if (BlockRows == 0 && _rows > 0)
            return null;
        var block = Build();
        _budget = new TextBudget(options.MaxDistinctTexts);
        (_columns, BlockRows) = (NewReaders(), 0);
        return block;
    }

    public Table Build()
    {
        if (_columns is null)
            throw Fault.Invalid("", "the file is empty; a header and at least one row are accepted");
        if (_rows == 0)
            throw Fault.Invalid("", "the file has no rows; a header and at least one row are accepted");
        _budget.End();
        var problems = new List<Problem>();
        var columns = new List<Column>();
        for (var i = 0; i < _columns.Length; i++)
        {
            if (_columns[i]?.Finish(problems) is { } column)
                columns.Add(column);
            _columns[i] = null;
        }
        if (problems.Count > 0)
            throw new Fault(FaultKind.Invalid, problems);
        return columns.Count > 0
            ? new Table(columns, _ignored)
            : throw Fault.Invalid("columns", "every column is ignored; at least one that is not is accepted");
    }

    public Fault FaultOf(CsvFormatException exception)
    {
        var (field, row) = _columns is null ? ("header", default(long?)) : ("", _rows + 1);
        return exception is CsvRecordTooLargeException
            ? Fault.Invalid(field, $"a record of more than {options.MaxRecordLength} characters; at most {options.MaxRecordLength} are accepted (is a quote not closed?)", row)
            : Fault.Invalid(field, $"field {exception.FieldOrdinal + 1} opens with a quote that is not closed, or that something other than a comma or a line end follows; quotes inside are accepted doubled", row);
    }

    private ColumnReader?[] ReadHeader(CsvDataReader record)
    {
        _names = CsvHeader.Read(record, options.MaxColumns);
        _ignored.AddRange(_names.Where(name => UseOf(name) == ColumnUse.Ignore));
        return NewReaders();
    }

    private ColumnReader?[] NewReaders() =>
        [.. _names.Select(name => UseOf(name) == ColumnUse.Ignore ? null : new ColumnReader(name, UseOf(name), options.MaxFieldLength, _budget))];

    private void AddRow(CsvDataReader record, ColumnReader?[] columns)
    {
        var row = ++_rows;
        BlockRows++;
        if (record.RowFieldCount != columns.Length)
            throw Ragged(record.RowFieldCount == 1 ? "1 field" : $"{record.RowFieldCount} fields", row);
        for (var i = 0; i < columns.Length; i++)
            columns[i]?.Add(record.GetFieldSpan(i), row);
    }

    private Fault Ragged(string found, long row) =>
        Fault.Invalid("", $"{found}; {_columns!.Length}, as in the header, are accepted", row);

    private ColumnUse? UseOf(string name) => options.Columns.TryGetValue(name, out var use) ? use : null;
}
