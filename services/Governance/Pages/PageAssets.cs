using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Components;

namespace Mlops.Governance.Pages;

/// <summary>The pages' one style sheet and one script, written into the pages, and the policy that lets them and nothing else in.</summary>
internal static class PageAssets
{
    private static readonly string Css = Read("pages.css"), Js = Read("follow.js");

    public static MarkupString Style { get; } = new($"<style>{Css}</style>");

    /// <summary>Keeps a page up to date that says in <c>data-follow</c> where it is told of changes.</summary>
    public static MarkupString Script { get; } = new($"<script>{Js}</script>");

    public static string ContentSecurityPolicy { get; } =
        $"default-src 'none'; style-src {HashOf(Css)}; script-src {HashOf(Js)}; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private static string HashOf(string content) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}'";

    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(PageAssets).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
