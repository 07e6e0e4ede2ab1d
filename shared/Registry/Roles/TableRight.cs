namespace Mlops.Registry.Roles;

/// <summary>What a role may do to the rows of a table. Every role may read everything.</summary>
/// <param name="Command">INSERT, UPDATE or DELETE.</param>
/// <param name="Table">The table.</param>
/// <param name="Rows">The rows that it holds for, as a condition in SQL; all of them where there is none.</param>
/// <param name="Columns">For UPDATE, the columns that it holds for; all of them where there are none.</param>
internal sealed record TableRight(string Command, string Table, string? Rows = null, string? Columns = null)
{
    public static TableRight Insert(string table, string? rows = null) => new("INSERT", table, rows);

    public static TableRight Delete(string table, string? rows = null) => new("DELETE", table, rows);

    public static TableRight Update(string table, string columns, string? rows = null) => new("UPDATE", table, rows, columns);

    /// <summary>Rows whose column has one of some values.</summary>
    public static string Among(string column, params IEnumerable<string> values) => $"{column} IN ({string.Join(", ", values.Select(value => $"'{value}'"))})";

    /// <summary>The statements that give it to a role; a table that has conditions for anybody has them for everybody.</summary>
    public IEnumerable<string> GrantTo(string role, bool tableHasConditions)
    {
        yield return $"GRANT {Command}{(Columns is null ? "" : $" ({Columns})")} ON {Table} TO {role}";
        if (!tableHasConditions)
            yield break;
        var rows = Rows ?? "true";
        var condition = Command switch
        {
            "INSERT" => $"WITH CHECK ({rows})",
            "UPDATE" => $"USING ({rows}) WITH CHECK ({rows})",
            _ => $"USING ({rows})",
        };
        var policy = $"{role}_{Command.ToLowerInvariant()}";
        yield return $"DROP POLICY IF EXISTS {policy} ON {Table}";
        yield return $"CREATE POLICY {policy} ON {Table} FOR {Command} TO {role} {condition}";
    }
}
