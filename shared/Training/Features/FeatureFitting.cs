using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;

namespace Mlops.Training.Features;

/// <summary>Which kind of feature a column becomes, and the fitting of it.</summary>
internal static class FeatureFitting
{
    /// <summary>Levels with an indicator each, at most, before a column is hashed.</summary>
    public const int MostLevels = 256;

    // Running text: this many words that are no numbers to a text, and this many different texts to a row.
    private const int WordsOfText = 3;
    private const double DifferentTexts = 0.5;

    /// <summary>Fits a column of the training rows.</summary>
    /// <exception cref="Fault">Nothing can be made of it.</exception>
    public static Feature Fit(Column column, PipelineSpec spec)
    {
        var settings = spec.Preprocessing.Of(column.Name);
        // An image has no place for what is beside it.
        if (spec.Model is CnnSpec)
            settings = settings with { MissingIndicator = false };
        return column is NumericColumn numbers
            ? new NumberColumnFeature { Name = column.Name, Numbers = [NumericFeature.Fit(column.Name, numbers.Values, settings)] }
            : Fit(TrainingLevels.Of((CategoricalColumn)column), settings, spec);
    }

    /// <summary>What <see cref="TextEncoding.Auto"/> stands for, by the training rows of a column.</summary>
    /// <param name="column">The training rows.</param>
    /// <param name="minCount">Rows that a level must have for an indicator of its own.</param>
    public static TextEncoding Choose(TrainingLevels column, int minCount)
    {
        var texts = column.Levels.Select(level => level.Text).ToList();
        if (TruthText.IsPair(texts))
            return TextEncoding.Boolean;
        if (texts.Count > 0 && texts.All(DateText.IsIso))
            return TextEncoding.Date;
        if (texts.Count >= DifferentTexts * column.Count && texts.Count > 0 && texts.Average(text => WordTokens.Of(text).Count(word => !word.All(char.IsAsciiDigit))) >= WordsOfText)
            return TextEncoding.Text;
        return column.Common(minCount).Count() <= MostLevels ? TextEncoding.OneHot : TextEncoding.Hash;
    }

    private static Feature Fit(TrainingLevels column, ColumnPreprocessingSpec settings, PipelineSpec spec)
    {
        var minCount = settings.MinCount!.Value;
        var learnsVectors = spec.Model is EmbeddingMlpSpec;
        return (settings.Encoding == TextEncoding.Auto ? Choose(column, minCount) : settings.Encoding) switch
        {
            TextEncoding.Boolean => LevelNumberFeature.FitTruth(column, settings),
            TextEncoding.Ordinal => LevelNumberFeature.FitOrder(column, settings),
            TextEncoding.Date => DateFeature.Fit(column, settings),
            TextEncoding.Text when spec.Model is TextTransformerSpec transformer => TokensFeature.Fit(column, transformer),
            TextEncoding.Text => TermsFeature.Fit(column, spec.Preprocessing.Text),
            TextEncoding.Hash when !learnsVectors || settings.Encoding == TextEncoding.Hash => new HashFeature(settings.Buckets!.Value) { Name = column.Name },
            _ when learnsVectors => CodeFeature.Fit(column, minCount),
            _ => OneHotFeature.Fit(column, minCount),
        };
    }
}
