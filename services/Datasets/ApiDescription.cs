using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Mlops.Contracts.Spec;

namespace Mlops.Datasets;

/// <summary>What the OpenAPI document says beyond the routes: what this is, and requests that can be sent as they stand.</summary>
internal static class ApiDescription
{
    private const string SpecExample =
        """
        {
          "task": "classification",
          "target": "species",
          "model": { "type": "mlp", "hidden": [32, 16] },
          "evaluation": { "gates": [ { "metric": "accuracy", "min": 0.9 } ] }
        }
        """;

    private const string CsvExample =
        """
        island,bill_length_mm,sex,species
        Torgersen,39.1,male,Adelie
        Torgersen,39.5,female,Adelie
        Biscoe,37.8,female,Adelie
        Dream,39.5,,Adelie
        Dream,40.9,male,Adelie
        Biscoe,40.6,male,Adelie
        Torgersen,36.7,female,Adelie
        Biscoe,46.1,female,Gentoo
        Biscoe,50,male,Gentoo
        Biscoe,,female,Gentoo
        Biscoe,47.6,male,Gentoo
        Biscoe,46.5,female,Gentoo
        Biscoe,48.7,male,Gentoo
        Biscoe,45.4,female,Gentoo

        """;

    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Mlops";
            document.Info.Description = "Register a data set with a pipeline spec; the trained, evaluated and compressed model is served over gRPC and REST (Open Inference Protocol v2).";
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo.Type == typeof(PipelineSpec))
                DescribeSpec(schema);
            else if ((Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type) == typeof(double))
                DescribeNumber(schema);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, _, _) =>
        {
            if (operation.OperationId == "RegisterDataset")
                DescribeUpload(operation);
            else if (operation.OperationId == "StartRun")
                DescribeSpecBody(operation.RequestBody!.Content!);
            return Task.CompletedTask;
        });
    }

    // What the type alone does not tell: which fields may be left out, and that a single target is a text.
    private static void DescribeSpec(OpenApiSchema schema)
    {
        schema.Required?.Remove("name");
        schema.Properties!["target"] = new OpenApiSchema
        {
            Description = "The column to predict; a list where a regression has several.",
            AnyOf =
            [
                new OpenApiSchema { Type = JsonSchemaType.String },
                new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
            ],
        };
    }

    // The generator makes it an object that is a number or "NaN", which nothing is.
    private static void DescribeNumber(OpenApiSchema schema)
    {
        schema.Type = JsonSchemaType.Number;
        schema.AnyOf = null;
    }

    private static void DescribeSpecBody(IDictionary<string, OpenApiMediaType> content)
    {
        content.Remove(StartRun.AnyType);
        content["application/json"].Example = JsonNode.Parse(SpecExample);
    }

    private static void DescribeUpload(OpenApiOperation operation)
    {
        operation.Description =
            "Send the CSV as text/csv, or a form with the part `spec` (JSON) before the part `file`:\n\n" +
            "`curl -F spec=@spec.json -F file=@penguins.csv http://127.0.0.1:5080/datasets/penguins/versions`\n\n" +
            "201 where a version or a run is new; 200 where these bytes are registered already and no run was asked for.";
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
                            ["spec"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "The pipeline spec; task and target are enough.", Examples = [JsonValue.Create(SpecExample)] },
                            ["file"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary", Description = "CSV in UTF-8 with a header." },
                        },
                    },
                },
                ["text/csv"] = new()
                {
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                    Example = CsvExample,
                },
            },
        };
    }
}
