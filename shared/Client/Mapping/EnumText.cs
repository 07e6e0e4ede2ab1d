using System.Reflection;
using System.Text.Json.Serialization;

namespace Mlops.Client.Mapping;

/// <summary>An enum's members as a model's texts: a member's name, or what <see cref="JsonStringEnumMemberNameAttribute"/> says.</summary>
internal static class EnumText<TEnum>
    where TEnum : struct, Enum
{
    private static readonly (string Text, TEnum Value)[] Members =
        [.. typeof(TEnum).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (TextOf(field), (TEnum)field.GetValue(null)!))];

    private static readonly Dictionary<TEnum, string> Texts = Members.DistinctBy(member => member.Value).ToDictionary(member => member.Value, member => member.Text);

    /// <exception cref="BadValueException">It is no member.</exception>
    public static string Of(TEnum value) => Texts.TryGetValue(value, out var text) ? text : throw new BadValueException();

    /// <summary>The member of that text: as it is written, else ignoring case and underscores.</summary>
    /// <exception cref="BadValueException">There is none.</exception>
    public static TEnum Parse(string text)
    {
        foreach (var (member, value) in Members)
            if (member == text)
                return value;
        foreach (var (member, value) in Members)
            if (NamePairing.AreAlike(member, text))
                return value;
        throw new BadValueException();
    }

    private static string TextOf(FieldInfo member) => member.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? member.Name;
}
