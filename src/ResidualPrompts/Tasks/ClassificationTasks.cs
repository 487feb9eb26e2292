namespace ResidualPrompts.Tasks;

/// <summary>Classification of single texts: news, reviews, questions, answers, abstracts.</summary>
internal static class ClassificationTasks
{
    private static readonly LabelWords NegativeAndPositive = LabelWords.Of("negative", "positive");
    private static readonly LabelWords Stars = LabelWords.Of("terrible", "bad", "middle", "good", "wonderful");

    internal static IReadOnlyList<TaskDefinition> All { get; } =
    [
        new()
        {
            Name = "ag_news",
            Source = "AG News",
            HubDataSet = "fancyzhx/ag_news",
            Template = Template.Parse("{text}"),
            Labels = LabelWords.Of("world", "sports", "business", "science"),
            Layout = new()
            {
                Columns = ["label", "title", "description"],
                Rows = HubRows.LabelsFromOne("text", ["title", "description"], ["sentence"], ["content"])
            },
        },
        new()
        {
            Name = "amazon",
            Source = "Amazon reviews, five stars (files of amazon_review_full_csv)",
            Template = Template.Parse("{content}"),
            Labels = Stars,
            Layout = new()
            {
                Columns = ["label", "title", "review"],
                Fields = new Dictionary<string, string[]> { ["content"] = ["sentence", "text"] },
                Rows = HubRows.LabelsFromOne("content", ["review"]),
            },
        },
        new()
        {
            Name = "dbpedia_14",
            Source = "DBpedia ontology",
            HubDataSet = "fancyzhx/dbpedia_14",
            Template = Template.Parse("title: {title} content: {content}"),
            CutField = "content",
            Labels = LabelWords.Of(
                "company", "educationalinstitution", "artist", "athlete", "officeholder", "meanoftransportation", "building", "naturalplace",
                "village", "animal", "plant", "album", "film", "writtenwork"),
            Layout = new() { Columns = ["label", "title", "abstract"], Rows = HubRows.Abstracts },
        },
        new()
        {
            Name = "imdb",
            Source = "IMDb reviews",
            HubDataSet = "stanfordnlp/imdb",
            Template = Template.Parse("{text}"),
            Labels = NegativeAndPositive,
            Layout = new() { Fields = new Dictionary<string, string[]> { ["text"] = ["sentence"] } },
        },
        new()
        {
            Name = "rotten-tomatoes",
            Source = "Film reviews",
            HubDataSet = "cornell-movie-review-data/rotten_tomatoes",
            DataSet = "rotten-tomatoes",
            Template = Template.Parse("{text}"),
            Labels = NegativeAndPositive,
            Layout = new() { Fields = new Dictionary<string, string[]> { ["text"] = ["sentence"] } },
        },
        new()
        {
            Name = "sst5",
            Source = "Stanford sentiment treebank, five classes",
            HubDataSet = "SetFit/sst5",
            Template = Template.Parse("{sentence}"),
            Labels = LabelWords.Of("terrible", "bad", "okay", "good", "great"),
            Layout = new() { Fields = new Dictionary<string, string[]> { ["sentence"] = ["text"] } },
        },
        // Subjective sentences come from reviews, objective ones from plot summaries.
        new()
        {
            Name = "subj",
            Source = "Subjectivity",
            HubDataSet = "SetFit/subj",
            DataSet = "subj",
            Template = Template.Parse("{sentence}"),
            Labels = LabelWords.Of("review", "story"),
            Layout = new()
            {
                Fields = new Dictionary<string, string[]> { ["sentence"] = ["text"] },
                // The numbers of these labels are the other way round.
                Rows = HubRows.LabelsByName("label_text", new() { ["subjective"] = "review", ["objective"] = "story" }),
            },
        },
        // What a question asks for.
        new()
        {
            Name = "trec",
            Source = "TREC questions, six classes",
            HubDataSet = "SetFit/TREC-QC",
            Template = Template.Parse("{sentence}"),
            Labels = LabelWords.Of("description", "entity", "abbreviation", "human", "location", "number"),
            Layout = new()
            {
                Fields = new Dictionary<string, string[]> { ["sentence"] = ["text"] },
                Rows = HubRows.LabelsByName("label_coarse_original", new()
                {
                    ["DESC"] = "description", ["ENTY"] = "entity", ["ABBR"] = "abbreviation", ["HUM"] = "human", ["LOC"] = "location",
                    ["NUM"] = "number",
                }),
            },
        },
        new()
        {
            Name = "yahoo_answers_topics",
            Source = "Yahoo answers, ten topics",
            HubDataSet = "community-datasets/yahoo_answers_topics",
            Template = Template.Parse("question_content: {question_content} best_answer: {best_answer}"),
            CutField = "best_answer",
            Labels = LabelWords.Of(
                "society and culture", "science", "health", "education and reference", "computers and internet", "sports", "business",
                "entertainment and music", "family and relationships", "politics and government"),
            LabelField = "topic",
        },
        new()
        {
            Name = "yelp_review_full",
            Source = "Yelp reviews, five stars",
            HubDataSet = "Yelp/yelp_review_full",
            Template = Template.Parse("{text}"),
            Labels = Stars,
            Layout = new()
            {
                Columns = ["label", "review"],
                Fields = new Dictionary<string, string[]> { ["text"] = ["sentence"] },
                Rows = HubRows.LabelsFromOne("text", ["review"]),
            },
        },
    ];
}
