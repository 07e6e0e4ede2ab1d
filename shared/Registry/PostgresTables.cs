using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Mlops.Registry;

/// <summary>
/// The model's tables for statements that are written by hand. Rows are inserted by the table rather than one by one: a
/// statement for each, whose parameters are the columns as arrays, so that its text is the same for any number of rows and
/// the server plans it once.
/// </summary>
internal sealed class PostgresTables
{
    private const string Annotation = "Mlops:Tables";
    private readonly Dictionary<Type, Table> _tables;

    private PostgresTables(IModel model) => _tables = model.GetEntityTypes().ToDictionary(entity => entity.ClrType, entity => new Table(entity));

    /// <summary>The tables of a model.</summary>
    public static PostgresTables Of(IModel model) => model.GetOrAddRuntimeAnnotationValue(Annotation, static of => new PostgresTables(of!), model);

    /// <summary>One command for each table that there are rows for, those first to which others refer.</summary>
    public IEnumerable<NpgsqlBatchCommand> Inserts(IEnumerable<object> rows) =>
        from row in rows
        group row by row.GetType() into ofTable
        let table = _tables[ofTable.Key]
        orderby table.Rank
        select table.Insert([.. ofTable]);

    /// <summary>Where the reader stands, which has all columns of the row's table.</summary>
    public T Row<T>(NpgsqlDataReader reader) where T : class => (T)_tables[typeof(T)].Row(reader);

    private sealed class Table
    {
        private readonly Type _type;
        private readonly string _insert;
        private readonly List<Column> _columns;

        public Table(IEntityType entity)
        {
            (_type, Rank) = (entity.ClrType, RankOf(entity));
            _columns = [.. entity.GetProperties().Select(property => (Column)Activator.CreateInstance(typeof(Column<>).MakeGenericType(StoredType(property)), property)!)];
            var names = _columns.Select(column => $"\"{column.Name}\"");
            _insert = $"INSERT INTO \"{entity.GetTableName()}\" ({string.Join(", ", names)}) SELECT * FROM unnest({string.Join(", ", _columns.Select((_, index) => $"${index + 1}"))})";
        }

        /// <summary>How many tables stand between it and those that refer to none.</summary>
        public int Rank { get; }

        public NpgsqlBatchCommand Insert(IReadOnlyList<object> rows)
        {
            var command = new NpgsqlBatchCommand(_insert);
            foreach (var column in _columns)
                command.Parameters.Add(column.Values(rows));
            return command;
        }

        public object Row(NpgsqlDataReader reader)
        {
            var row = Activator.CreateInstance(_type)!;
            foreach (var column in _columns)
                column.Read(reader, row);
            return row;
        }

        private static int RankOf(IEntityType entity) => entity.GetForeignKeys().Select(key => key.PrincipalEntityType)
            .Where(principal => principal != entity).Select(principal => 1 + RankOf(principal)).DefaultIfEmpty().Max();

        private static Type StoredType(IProperty property)
        {
            var stored = property.GetTypeMapping().Converter?.ProviderClrType ?? property.ClrType;
            return stored.IsValueType && property.IsNullable && Nullable.GetUnderlyingType(stored) is null ? typeof(Nullable<>).MakeGenericType(stored) : stored;
        }
    }

    private abstract class Column
    {
        public abstract string Name { get; }

        public abstract NpgsqlParameter Values(IReadOnlyList<object> rows);

        public abstract void Read(NpgsqlDataReader reader, object row);
    }

    /// <typeparam name="TStored">As the database's driver has it.</typeparam>
    private sealed class Column<TStored>(IProperty property) : Column
    {
        private readonly PropertyInfo _property = property.PropertyInfo!;
        private readonly Func<object?, object?>? _toStored = property.GetTypeMapping().Converter?.ConvertToProvider;
        private readonly Func<object?, object?>? _fromStored = property.GetTypeMapping().Converter?.ConvertFromProvider;
        private readonly string _arrayType = $"{property.GetColumnType()}[]";

        public override string Name { get; } = property.GetColumnName();

        public override NpgsqlParameter Values(IReadOnlyList<object> rows)
        {
            var values = new TStored?[rows.Count];
            for (var row = 0; row < values.Length; row++)
                values[row] = (TStored?)Converted(_property.GetValue(rows[row]), _toStored);
            return new NpgsqlParameter<TStored?[]> { TypedValue = values, DataTypeName = _arrayType };
        }

        public override void Read(NpgsqlDataReader reader, object row)
        {
            var ordinal = reader.GetOrdinal(Name);
            if (!reader.IsDBNull(ordinal))
                _property.SetValue(row, Converted(reader.GetFieldValue<TStored>(ordinal), _fromStored));
        }

        private static object? Converted(object? value, Func<object?, object?>? convert) => value is null || convert is null ? value : convert(value);
    }
}
