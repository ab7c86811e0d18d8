// Drives the daemon with the AWS SDK for Go: each check is a small application's use of it.
//
//	varve-go list                 the checks' names
//	varve-go run ENDPOINT NAME    one check; what is wrong is printed, with status 1
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// A check gets the lab, and panics when something is not as an application expects.
var checks = []struct {
	name string
	run  func(*lab)
}{
	{"tables", tables},
	{"items", items},
	{"conditions", conditions},
	{"queries", queries},
	{"scans", scans},
	{"batches", batches},
	{"transactions", transactions},
	{"statements", statements},
	{"streams", streams},
	{"checksums", checksums},
	{"retries", retries},
	{"objects", objects},
	{"uploads", uploads},
}

// A lab is what a check works with: the clients as an application configures them, and a name of its own.
type lab struct {
	context  context.Context
	endpoint string
	name     string
	options  dynamodb.Options
	dynamo   *dynamodb.Client
	streams  *dynamodbstreams.Client
	objects  *s3.Client
}

const region = "us-east-1"

func newLab(endpoint, name string) *lab {
	known := credentials.NewStaticCredentialsProvider("test", "test", "")
	options := dynamodb.Options{
		Region: region, Credentials: known, EndpointResolver: dynamodb.EndpointResolverFromURL(endpoint)}
	return &lab{
		context:  context.Background(),
		endpoint: endpoint,
		name:     fmt.Sprintf("go-%s-%d", name, time.Now().UnixNano()),
		options:  options,
		dynamo:   dynamodb.New(options),
		streams: dynamodbstreams.New(dynamodbstreams.Options{
			Region: region, Credentials: known, EndpointResolver: dynamodbstreams.EndpointResolverFromURL(endpoint)}),
		objects: s3.New(s3.Options{
			Region: region, Credentials: known, UsePathStyle: true,
			EndpointResolver: s3.EndpointResolverFromURL(endpoint)}),
	}
}

// A failure is what a check panics with.
type failure struct{ text string }

func fail(format string, arguments ...any) { panic(failure{fmt.Sprintf(format, arguments...)}) }

// must gives what a call answered, which may not have failed.
func must[T any](answer T, err error) T {
	if err != nil {
		fail("%v", err)
	}
	return answer
}

// equal compares what was answered with what had to be.
func equal(what string, found, expected any) {
	if !reflect.DeepEqual(found, expected) {
		fail("%s: found %#v, expected %#v", what, found, expected)
	}
}

// refused gives the SDK's own type of an error, which a call must have failed with.
func refused[E error, T any](_ T, err error) E {
	var typed E
	if err == nil {
		fail("the call was not refused; expected %T", typed)
	}
	if !errors.As(err, &typed) {
		fail("expected %T, found %v", typed, err)
	}
	return typed
}

// value is what a pointer of an answer points to, or the zero value.
func value[T any](pointer *T) T {
	if pointer == nil {
		var nothing T
		return nothing
	}
	return *pointer
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "list" {
		for _, check := range checks {
			fmt.Println(check.name)
		}
		return
	}
	if len(os.Args) != 4 || os.Args[1] != "run" {
		fmt.Fprintln(os.Stderr, "usage: varve-go list | varve-go run ENDPOINT NAME")
		os.Exit(64)
	}
	defer func() {
		if failed, ok := recover().(failure); ok {
			fmt.Println(failed.text)
			os.Exit(1)
		}
	}()
	for _, check := range checks {
		if check.name == os.Args[3] {
			check.run(newLab(os.Args[2], check.name))
			fmt.Println("ok")
			return
		}
	}
	fail("there is no check %s", os.Args[3])
}

// str is a string of a request, whose members are pointers.
func str(text string) *string { return aws.String(text) }
