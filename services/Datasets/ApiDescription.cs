using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Mlops.Datasets;

/// <summary>What the OpenAPI document says beyond the routes: what this is, and requests that can be sent as they stand.</summary>
internal static class ApiDescription
{
    private const string Spec =
        """
        {
          "task": "classification",
          "target": "species",
          "model": { "type": "mlp", "hidden": [32, 16] },
          "evaluation": { "gates": [ { "metric": "accuracy", "min": 0.9 } ] }
        }
        """;

    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Mlops";
            document.Info.Description = "Register a data set with a pipeline spec; the trained, evaluated and compressed model is served over gRPC (Open Inference Protocol v2).";
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            switch (operation.OperationId)
            {
                case "RegisterDataset":
                    DescribeUpload(operation);
                    break;
                case "StartRun" when operation.RequestBody?.Content is { } content && content.TryGetValue("application/json", out var json):
                    json.Example = JsonNode.Parse(Spec);
                    break;
            }
            return Task.CompletedTask;
        });
    }

    private static void DescribeUpload(OpenApiOperation operation)
    {
        operation.Description =
            "Send the CSV as text/csv, or a form with the part `spec` (JSON) before the part `file`:\n\n" +
            "`curl -F spec=@spec.json -F file=@penguins.csv http://127.0.0.1:5080/datasets/penguins/versions`";
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["multipart/form-data"] = new()
                {
                    Schema = new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object,
                        Required = new HashSet<string> { "file" },
                        Properties = new Dictionary<string, IOpenApiSchema>
                        {
                            ["spec"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "The pipeline spec; task and target are enough.", Examples = [JsonValue.Create(Spec)] },
                            ["file"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary", Description = "CSV in UTF-8 with a header." },
                        },
                    },
                },
                ["text/csv"] = new()
                {
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                    Example = "island,bill_length_mm,sex,species\nTorgersen,39.1,male,Adelie\nBiscoe,,female,Gentoo\n",
                },
            },
        };
    }
}
