using Mlops.Contracts;

namespace Mlops.Tabular;

/// <summary>How many different texts the columns of a table may keep, all together.</summary>
internal sealed class TextBudget(int most)
{
    private readonly List<ColumnReader> _columns = [];
    private int _taken;

    public void Share(ColumnReader column) => _columns.Add(column);

    /// <summary>Lets go of the columns, so that each can be freed once it is typed.</summary>
    public void End() => _columns.Clear();

    public void Take() => _taken++;

    public void GiveBack(int count) => _taken -= count;

    /// <summary>Makes sure that one can be taken; where none is left, columns of numbers let go of theirs.</summary>
    /// <exception cref="Fault">Invalid: it is texts that take them all.</exception>
    public void MakeRoom(string column, long row)
    {
        if (_taken < most)
            return;
        foreach (var each in _columns)
            each.KeepNumbersIfOnlyNumbers();
        if (_taken >= most)
            throw Fault.Invalid(column,
                $"more than {most} different texts in the file; fewer are accepted, or set columns.{column} to ignore", row);
    }
}
