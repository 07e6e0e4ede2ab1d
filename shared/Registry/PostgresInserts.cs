using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Mlops.Registry;

/// <summary>
/// Inserts rows by the table rather than one by one: a statement for each table, whose parameters are the columns as arrays.
/// Its text is the same for any number of rows, so that the server plans it once.
/// </summary>
internal sealed class PostgresInserts
{
    private const string Annotation = "Mlops:Inserts";
    private readonly Dictionary<Type, Table> _tables;

    private PostgresInserts(IModel model) => _tables = model.GetEntityTypes().ToDictionary(entity => entity.ClrType, entity => new Table(entity));

    /// <summary>The statements for a model's tables.</summary>
    public static PostgresInserts Of(IModel model) =>
        model.GetOrAddRuntimeAnnotationValue(Annotation, static of => new PostgresInserts(of!), model);

    /// <summary>One command for each table that there are rows for, those first to which others refer.</summary>
    public IEnumerable<NpgsqlBatchCommand> Commands(IEnumerable<object> rows) =>
        from row in rows
        group row by row.GetType() into ofTable
        let table = _tables[ofTable.Key]
        orderby table.Rank
        select table.Command([.. ofTable]);

    private sealed class Table
    {
        private readonly string _text;
        private readonly List<Column> _columns;

        public Table(IEntityType entity)
        {
            Rank = RankOf(entity);
            var stored = StoreObjectIdentifier.Create(entity, StoreObjectType.Table)!.Value;
            _columns = [.. entity.GetProperties().Select(property => new Column(property))];
            var names = entity.GetProperties().Select(property => $"\"{property.GetColumnName(stored)}\"");
            _text = $"INSERT INTO \"{stored.Name}\" ({string.Join(", ", names)}) SELECT * FROM unnest({string.Join(", ", _columns.Select((_, index) => $"${index + 1}"))})";
        }

        /// <summary>How many tables stand between it and those that refer to none.</summary>
        public int Rank { get; }

        public NpgsqlBatchCommand Command(IReadOnlyList<object> rows)
        {
            var command = new NpgsqlBatchCommand(_text);
            foreach (var column in _columns)
                command.Parameters.Add(column.Of(rows));
            return command;
        }

        private static int RankOf(IEntityType entity) => entity.GetForeignKeys().Select(key => key.PrincipalEntityType)
            .Where(principal => principal != entity).Select(principal => 1 + RankOf(principal)).DefaultIfEmpty().Max();
    }

    private sealed class Column(IProperty property)
    {
        private readonly Func<object, object?> _value = property.GetGetter().GetClrValue;
        private readonly Func<object?, object?>? _toStored = property.GetTypeMapping().Converter?.ConvertToProvider;
        private readonly string _arrayType = $"{property.GetColumnType()}[]";
        private readonly Type _element = ElementOf(property);

        public NpgsqlParameter Of(IReadOnlyList<object> rows)
        {
            var values = Array.CreateInstance(_element, rows.Count);
            for (var row = 0; row < rows.Count; row++)
                values.SetValue(_value(rows[row]) is { } value ? _toStored is null ? value : _toStored(value) : null, row);
            return new NpgsqlParameter { Value = values, DataTypeName = _arrayType };
        }

        private static Type ElementOf(IProperty property)
        {
            var stored = property.GetTypeMapping().Converter?.ProviderClrType ?? property.ClrType;
            return stored.IsValueType && property.IsNullable && Nullable.GetUnderlyingType(stored) is null ? typeof(Nullable<>).MakeGenericType(stored) : stored;
        }
    }
}
