using System.Data.Common;
using System.Text;
using Mlops.Contracts;
using Sylvan.Data.Csv;

namespace Mlops.Tabular;

/// <summary>RFC 4180 in UTF-8, with or without a byte order mark: the settings under which the library reads nothing else.</summary>
internal static class CsvDialect
{
    /// <summary>
    /// Stands where bytes were not UTF-8, so that the fault can name row and column. U+FFFF is no character, so
    /// that nothing is lost by refusing it.
    /// </summary>
    public const char NotUtf8 = '\uFFFF';

    // The library skips lines that begin with its comment character, and cannot do without one: this too is no character.
    private const char Comment = '\uFFFE';
    private const int DecoderBuffer = 1 << 16;

    // Small on purpose: within one buffer the library's work grows with the square of a record's fields.
    private const int RecordBuffer = 1 << 13;

    public static StreamReader Decode(Stream utf8)
    {
        var encoding = Encoding.GetEncoding("utf-8", EncoderFallback.ExceptionFallback, new DecoderReplacementFallback(NotUtf8.ToString()));
        return new StreamReader(utf8, encoding, detectEncodingFromByteOrderMarks: false, DecoderBuffer, leaveOpen: true);
    }

    public static CsvDataReaderOptions Options(int maxRecordLength) => new()
    {
        CsvStyle = CsvStyle.Standard,
        Delimiter = ',',
        Quote = '"',
        Escape = '"',
        Comment = Comment,
        CommentHandler = new Action<string>(_ => throw Fault.Invalid("", "a line begins with U+FFFE, which is not a character; UTF-8 text is accepted")),
        HasHeaders = false,
        Schema = new FieldsAlone(),
        ResultSetMode = ResultSetMode.SingleResult,
        BufferSize = Math.Min(RecordBuffer, maxRecordLength),
        MaxBufferSize = maxRecordLength,
    };

    // The library would make a description for each column; we read fields by their place and want none (not for a million of commas).
    private sealed class FieldsAlone : ICsvSchemaProvider
    {
        public int GetFieldCount(CsvDataReader reader) => 1;

        public DbColumn? GetColumn(string? name, int ordinal) => null;
    }
}
