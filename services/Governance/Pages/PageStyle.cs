using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Components;

namespace Mlops.Governance.Pages;

/// <summary>The pages' one style sheet, written into each page, and the policy that lets it and nothing else in.</summary>
internal static class PageStyle
{
    private static readonly string Css = Read();

    public static MarkupString Element { get; } = new($"<style>{Css}</style>");

    public static string ContentSecurityPolicy { get; } =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Css)))}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private static string Read()
    {
        using var reader = new StreamReader(typeof(PageStyle).Assembly.GetManifestResourceStream("pages.css")!);
        return reader.ReadToEnd();
    }
}
