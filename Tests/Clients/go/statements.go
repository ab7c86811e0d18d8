package main

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func parameters(values ...any) []types.AttributeValue {
	made := []types.AttributeValue{}
	for _, value := range values {
		made = append(made, must(attributevalue.Marshal(value)))
	}
	return made
}

func statements(lab *lab) {
	newTable(lab)
	execute := func(text string, values ...any) (*dynamodb.ExecuteStatementOutput, error) {
		return lab.dynamo.ExecuteStatement(lab.context, &dynamodb.ExecuteStatementInput{
			Statement: aws.String(fmt.Sprintf(text, lab.name)), Parameters: optional(parameters(values...))})
	}
	insert := `INSERT INTO "%s" VALUE {'forum': ?, 'subject': ?, 'author': 'ann', 'views': ?,
		'answers': [{'text': 'yes'}]}`
	for number := 0; number < 9; number++ {
		must(execute(insert, "go", fmt.Sprint(number), number))
	}
	refused[*types.DuplicateItemException](execute(insert, "go", "0", 0))
	updated := must(execute(
		`UPDATE "%s" SET views = views + ? SET answers[0].text = 'no' WHERE forum = 'go' AND subject = '3'
		RETURNING ALL NEW *`, 10))
	equal("updated", read(updated.Items[0]).Views, 13)
	equal("nested", read(updated.Items[0]).Answers[0].Text, "no")
	refused[*types.ConditionalCheckFailedException](
		execute(`UPDATE "%s" SET views = 0 WHERE forum = 'go' AND subject = '3' AND views < ?`, 13))
	must(execute(`DELETE FROM "%s" WHERE forum = 'go' AND subject = ?`, "8"))

	text := fmt.Sprintf(`SELECT subject, views FROM "%s"."by-author" WHERE author = ? ORDER BY views DESC`, lab.name)
	request := &dynamodb.ExecuteStatementInput{Statement: &text, Parameters: parameters("ann"), Limit: aws.Int32(3)}
	subjects := []string{}
	for {
		page := must(lab.dynamo.ExecuteStatement(lab.context, request))
		for _, item := range page.Items {
			subjects = append(subjects, read(item).Subject)
		}
		if page.NextToken == nil {
			break
		}
		request.NextToken = page.NextToken
	}
	equal("selected", subjects, []string{"3", "7", "6", "5", "4", "2", "1", "0"})

	one := fmt.Sprintf(`SELECT * FROM "%s" WHERE forum = 'go' AND subject = ?`, lab.name)
	again := fmt.Sprintf(insert, lab.name)
	batch := must(lab.dynamo.BatchExecuteStatement(lab.context, &dynamodb.BatchExecuteStatementInput{
		Statements: []types.BatchStatementRequest{
			{Statement: &again, Parameters: parameters("go", "0", 0)},
			{Statement: &again, Parameters: parameters("go", "9", 9)}}}))
	equal("refused", batch.Responses[0].Error.Code, types.BatchStatementErrorCodeEnumDuplicateItem)
	equal("done", batch.Responses[1].Error == nil, true)
	canceled := refused[*types.TransactionCanceledException](lab.dynamo.ExecuteTransaction(
		lab.context, &dynamodb.ExecuteTransactionInput{TransactStatements: []types.ParameterizedStatement{
			{Statement: &again, Parameters: parameters("go", "10", 10)},
			{Statement: &again, Parameters: parameters("go", "9", 9)}}}))
	equal("reason", value(canceled.CancellationReasons[1].Code), "DuplicateItem")
	got := must(lab.dynamo.ExecuteTransaction(lab.context, &dynamodb.ExecuteTransactionInput{
		TransactStatements: []types.ParameterizedStatement{
			{Statement: &one, Parameters: parameters("9")}, {Statement: &one, Parameters: parameters("10")}}}))
	equal("read together", []int{read(got.Responses[0].Item).Views, len(got.Responses[1].Item)}, []int{9, 0})
}

// optional is nothing instead of an empty list, which the service refuses.
func optional(values []types.AttributeValue) []types.AttributeValue {
	if len(values) == 0 {
		return nil
	}
	return values
}
