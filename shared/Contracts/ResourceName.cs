using System.Text.RegularExpressions;

namespace Mlops.Contracts;

/// <summary>The rule for names of data sets, pipelines and models.</summary>
public static partial class ResourceName
{
    /// <summary>The rule in words, for error messages.</summary>
    public const string Rule = "1 to 128 letters, digits, '.', '_' or '-', beginning with a letter or digit";

    /// <summary>Whether <paramref name="name"/> follows the rule.</summary>
    public static bool IsValid(string name) => Pattern().IsMatch(name);

    /// <summary>Throws a <see cref="Fault"/> that names <paramref name="field"/> unless the rule is followed.</summary>
    public static string Require(string name, string field) =>
        IsValid(name) ? name : throw Fault.Invalid(field, $"'{name}' is not a name; accepted: {Rule}");

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}\z")]
    private static partial Regex Pattern();
}
