namespace Mlops.Client.Mapping;

/// <summary>
/// Which property belongs to which name of a model: the same name first, then one that differs in case and underscores alone
/// (<c>SepalLength</c> ↔ <c>sepal_length</c>). Pure.
/// </summary>
internal static class NamePairing
{
    private const int None = -1;

    /// <summary>For each property the place of its name, or −1; what is wrong is added to <paramref name="problems"/>.</summary>
    /// <param name="properties">The names that they go by.</param>
    /// <param name="names">The model's.</param>
    /// <param name="kind">What these are: input, column, output.</param>
    /// <param name="problems">Everything that is wrong.</param>
    public static int[] Pair(IReadOnlyList<MappedProperty> properties, IReadOnlyList<string> names, string kind, List<string> problems)
    {
        var exact = properties.Select(property => Find(names, name => name == property.Name) is [var only, ..] ? only : None).ToArray();
        var paired = properties.Select((property, index) => exact[index] != None ? exact[index] : FindAlike(property, names, exact, kind, problems)).ToArray();
        for (var name = 0; name < names.Count; name++)
        {
            var claims = properties.Where((_, index) => paired[index] == name).ToList();
            if (claims.Count > 1)
                problems.Add($"{string.Join(" and ", claims)} both mean {kind} '{names[name]}'; [JsonPropertyName] says which {kind} is meant, [JsonIgnore] that none is");
        }

        return paired;
    }

    public static bool AreAlike(string one, string other)
    {
        var (i, j) = (0, 0);
        while (true)
        {
            while (i < one.Length && one[i] == '_')
                i++;
            while (j < other.Length && other[j] == '_')
                j++;
            if (i == one.Length || j == other.Length)
                return i == one.Length && j == other.Length;
            if (char.ToUpperInvariant(one[i++]) != char.ToUpperInvariant(other[j++]))
                return false;
        }
    }

    private static int FindAlike(MappedProperty property, IReadOnlyList<string> names, int[] taken, string kind, List<string> problems)
    {
        var alike = Find(names, name => AreAlike(name, property.Name)).Where(index => !taken.Contains(index)).ToList();
        if (alike.Count == 1)
            return alike[0];
        problems.Add(alike.Count == 0
            ? $"{property} means no {kind}; accepted: {string.Join(", ", names)}, or [JsonIgnore] on the property"
            : $"{property} may mean {kind} {string.Join(" or ", alike.Select(index => $"'{names[index]}'"))}; [JsonPropertyName] says which");
        return None;
    }

    private static List<int> Find(IReadOnlyList<string> names, Func<string, bool> matches) => [.. Enumerable.Range(0, names.Count).Where(index => matches(names[index]))];
}
