using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using Mlops.Contracts;

namespace Mlops.Artifacts;

/// <summary>
/// Sends a spooled file to its key, whole or in parts. Each request is signed over the SHA-256 of its body, which servers
/// check, and names it as a checksum, which servers that know checksums check and keep: what was torn on its way is refused.
/// </summary>
internal sealed class S3Upload(AmazonS3Client client, S3Requests requests, S3Options options)
{
    private const int MostParts = 10_000;
    private const int PartsAtOnce = 4;

    public Task SendAsync(string path, StoredArtifact artifact, string key, CancellationToken cancellationToken)
    {
        var partBytes = Math.Max(options.PartBytes, (artifact.Length + MostParts - 1) / MostParts);
        return artifact.Length <= partBytes
            ? SendWholeAsync(path, artifact, key, cancellationToken)
            : SendPartsAsync(path, artifact, key, partBytes, cancellationToken);
    }

    private async Task SendWholeAsync(string path, StoredArtifact artifact, string key, CancellationToken cancellationToken)
    {
        var request = new PutObjectRequest
        {
            BucketName = options.Bucket,
            Key = key,
            FilePath = path,
            ContentType = "application/octet-stream",
            UseChunkEncoding = false,
            ChecksumSHA256 = Convert.ToBase64String(artifact.Digest.ToBytes()),
        };
        await requests.AskAsync(stop => client.PutObjectAsync(request, stop), cancellationToken);
    }

    private async Task SendPartsAsync(string path, StoredArtifact artifact, string key, long partBytes, CancellationToken cancellationToken)
    {
        var parts = await CutAsync(path, artifact, partBytes, cancellationToken);
        var begin = new InitiateMultipartUploadRequest
        {
            BucketName = options.Bucket,
            Key = key,
            ContentType = "application/octet-stream",
            ChecksumAlgorithm = ChecksumAlgorithm.SHA256,
        };
        var upload = (await requests.AskAsync(stop => client.InitiateMultipartUploadAsync(begin, stop), cancellationToken)).UploadId;
        try
        {
            var sent = new PartETag[parts.Count];
            await Parallel.ForEachAsync(parts, new ParallelOptions { MaxDegreeOfParallelism = PartsAtOnce, CancellationToken = cancellationToken },
                async (part, token) => sent[part.Number - 1] = await SendPartAsync(path, part, key, upload, token));
            var complete = new CompleteMultipartUploadRequest { BucketName = options.Bucket, Key = key, UploadId = upload, PartETags = [.. sent] };
            await requests.AskAsync(stop => client.CompleteMultipartUploadAsync(complete, stop), cancellationToken);
        }
        catch
        {
            await AbortAsync(key, upload);
            throw;
        }
    }

    private async Task<PartETag> SendPartAsync(string path, Part part, string key, string upload, CancellationToken cancellationToken)
    {
        var request = new UploadPartRequest
        {
            BucketName = options.Bucket,
            Key = key,
            UploadId = upload,
            PartNumber = part.Number,
            FilePath = path,
            FilePosition = part.Start,
            PartSize = part.Length,
            UseChunkEncoding = false,
            ChecksumAlgorithm = ChecksumAlgorithm.SHA256,
            ChecksumSHA256 = part.Checksum,
        };
        var response = await requests.AskAsync(stop => client.UploadPartAsync(request, stop), cancellationToken);
        return new PartETag(part.Number, response.ETag) { ChecksumSHA256 = response.ChecksumSHA256 };
    }

    /// <summary>Parts that stay behind when this fails too are no object, and the bucket's lifecycle rule removes them.</summary>
    private async Task AbortAsync(string key, string upload)
    {
        try
        {
            var abort = new AbortMultipartUploadRequest { BucketName = options.Bucket, Key = key, UploadId = upload };
            await requests.AskAsync(stop => client.AbortMultipartUploadAsync(abort, stop), CancellationToken.None);
        }
        catch (Exception exception) when (exception is Fault or AmazonS3Exception)
        {
            // Why the upload failed is what counts.
        }
    }

    /// <summary>The parts' checksums. No server compares the whole with the digest, so it is compared here once more.</summary>
    private static async Task<IReadOnlyList<Part>> CutAsync(string path, StoredArtifact artifact, long partBytes, CancellationToken cancellationToken)
    {
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        var buffer = new byte[1 << 16];
        var parts = new List<Part>();
        for (var start = 0L; start < artifact.Length; start += partBytes)
        {
            var length = Math.Min(partBytes, artifact.Length - start);
            for (var left = length; left > 0;)
            {
                var read = buffer.AsMemory(0, (int)Math.Min(buffer.Length, left));
                await file.ReadExactlyAsync(read, cancellationToken);
                hash.AppendData(read.Span);
                whole.AppendData(read.Span);
                left -= read.Length;
            }
            parts.Add(new Part(parts.Count + 1, start, length, Convert.ToBase64String(hash.GetHashAndReset())));
        }
        return new ContentDigest(whole.GetCurrentHash()) == artifact.Digest
            ? parts
            : throw new IOException($"the spooled file of {artifact.Digest} changed on the disk before it was sent");
    }

    private sealed record Part(int Number, long Start, long Length, string Checksum);
}
