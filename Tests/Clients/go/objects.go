package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/manager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

func (lab *lab) newBucket() *string {
	bucket := str(lab.name)
	must(lab.objects.CreateBucket(lab.context, &s3.CreateBucketInput{Bucket: bucket}))
	return bucket
}

func objects(lab *lab) {
	bucket := lab.newBucket()
	keys := []types.ObjectIdentifier{}
	for number := 0; number < 12; number++ {
		key := fmt.Sprintf("d%d/ä +%02d", number%3, number)
		must(lab.objects.PutObject(lab.context, &s3.PutObjectInput{
			Bucket: bucket, Key: &key, Body: strings.NewReader(key), ContentType: str("text/x-go"),
			Metadata:          map[string]string{"number": fmt.Sprint(number)},
			ChecksumAlgorithm: types.ChecksumAlgorithmSha256}))
		keys = append(keys, types.ObjectIdentifier{Key: str(key)})
	}
	first := keys[0].Key
	got := must(lab.objects.GetObject(lab.context, &s3.GetObjectInput{
		Bucket: bucket, Key: first, ChecksumMode: types.ChecksumModeEnabled}))
	equal("content", string(must(io.ReadAll(got.Body))), *first)
	equal("metadata", got.Metadata, map[string]string{"number": "0"})
	equal("checked", value(got.ChecksumSHA256) != "", true)
	part := must(lab.objects.GetObject(lab.context, &s3.GetObjectInput{
		Bucket: bucket, Key: first, Range: str("bytes=1-2")}))
	equal("range", string(must(io.ReadAll(part.Body))), (*first)[1:3])

	pages := s3.NewListObjectsV2Paginator(lab.objects, &s3.ListObjectsV2Input{Bucket: bucket, MaxKeys: 5})
	listed := []string{}
	for pages.HasMorePages() {
		for _, object := range must(pages.NextPage(lab.context)).Contents {
			listed = append(listed, *object.Key)
		}
	}
	equal("listed", len(distinct(listed)), len(keys))
	folders := must(lab.objects.ListObjectsV2(lab.context, &s3.ListObjectsV2Input{Bucket: bucket, Delimiter: str("/")}))
	equal("prefixes", []int{len(folders.CommonPrefixes), len(folders.Contents)}, []int{3, 0})

	presigned := must(s3.NewPresignClient(lab.objects).PresignGetObject(
		lab.context, &s3.GetObjectInput{Bucket: bucket, Key: first}))
	response := must(http.Get(presigned.URL))
	equal("presigned", string(must(io.ReadAll(response.Body))), *first)

	refused[*types.NoSuchKey](lab.objects.GetObject(lab.context, &s3.GetObjectInput{Bucket: bucket, Key: str("none")}))
	headless := refused[smithy.APIError](lab.objects.HeadObject(
		lab.context, &s3.HeadObjectInput{Bucket: bucket, Key: str("none")}))
	equal("code", headless.ErrorCode(), "NotFound")
	refused[*types.NoSuchBucket](lab.objects.ListObjectsV2(
		lab.context, &s3.ListObjectsV2Input{Bucket: str(lab.name + "-none")}))
	deleted := must(lab.objects.DeleteObjects(lab.context, &s3.DeleteObjectsInput{
		Bucket: bucket, Delete: &types.Delete{Objects: keys}}))
	equal("deleted", []int{len(deleted.Deleted), len(deleted.Errors)}, []int{len(keys), 0})
	must(lab.objects.DeleteBucket(lab.context, &s3.DeleteBucketInput{Bucket: bucket}))
}

const uploadSize = 12_000_000

func uploads(lab *lab) {
	bucket := lab.newBucket()
	content := bytes.Repeat([]byte("0123456789ab"), uploadSize/12)
	uploader := manager.NewUploader(lab.objects, func(uploader *manager.Uploader) { uploader.PartSize = 5 << 20 })
	// A reader of unknown length: the uploader cannot know how many parts there will be.
	uploaded := must(uploader.Upload(lab.context, &s3.PutObjectInput{
		Bucket: bucket, Key: str("large"), Body: io.MultiReader(bytes.NewReader(content))}))
	equal("parts", strings.HasSuffix(strings.Trim(*uploaded.ETag, `"`), "-3"), true)
	buffer := manager.NewWriteAtBuffer([]byte{})
	size := must(manager.NewDownloader(lab.objects, func(downloader *manager.Downloader) {
		downloader.PartSize = 1 << 20
	}).Download(lab.context, buffer, &s3.GetObjectInput{Bucket: bucket, Key: str("large")}))
	equal("size", size, int64(uploadSize))
	equal("content", bytes.Equal(buffer.Bytes(), content), true)
	copied := must(lab.objects.CopyObject(lab.context, &s3.CopyObjectInput{
		Bucket: bucket, Key: str("copy"), CopySource: aws.String(*bucket + "/large")}))
	equal("copied", copied.CopyObjectResult.ETag != nil, true)
	head := must(lab.objects.HeadObject(lab.context, &s3.HeadObjectInput{Bucket: bucket, Key: str("copy")}))
	equal("size of the copy", head.ContentLength, int64(uploadSize))
}
