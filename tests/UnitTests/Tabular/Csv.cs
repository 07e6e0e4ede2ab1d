using System.Text;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Tabular;

/// <summary>Tables out of texts and sample files.</summary>
internal static class Csv
{
    public static Table Read(string text, params (string Name, ColumnUse Use)[] columns) =>
        Read(text, new CsvOptions { Columns = columns.ToDictionary(column => column.Name, column => column.Use) });

    public static Table Read(string text, CsvOptions options) => Read(Encoding.UTF8.GetBytes(text), options);

    public static Table Read(byte[] bytes, CsvOptions options) =>
        CsvTable.Read(new MemoryStream(bytes), options, TestContext.Current.CancellationToken);

    public static Fault FaultOf(string text, params (string Name, ColumnUse Use)[] columns) => Should.Throw<Fault>(() => Read(text, columns));

    public static Table Sample(string name, CsvOptions? options = null)
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Samples", $"{name}.csv"));
        return CsvTable.Read(file, options ?? new CsvOptions(), TestContext.Current.CancellationToken);
    }
}
