import Primitives

extension ErrorCatalogue {
    static let directory: [ErrorCode: ErrorEntry] = [
        .personUnknown: ErrorEntry(
            404, .refused, .never,
            title: Text("Personne inconnue de l'annuaire importé", "The imported directory has no such person"),
            remedy: Text(
                "Vérifier le numéro, ou importer un annuaire plus récent (`cpsctl directory import`).",
                "Check the number, or import a newer directory (`cpsctl directory import`).")),
        .importNotFound: ErrorEntry(
            404, .other, .never,
            title: Text("Cet import n'est pas en cours", "This import is not under way"),
            remedy: Text(
                "Recommencer l'import.",
                "Begin the import again.")),
        .importOffset: ErrorEntry(
            409, .other, .now,
            title: Text("L'import n'en est pas à cet endroit", "The import is at another place"),
            remedy: Text(
                "Envoyer la suite à partir de `offset`.",
                "Send what follows `offset`.")),
        .directoryFormat: ErrorEntry(
            422, .other, .never,
            title: Text("Le fichier n'est pas une extraction de l'annuaire", "The file is no extraction of the directory"),
            remedy: Text(
                "Le champ `detail` dit ce qui manque ; l'annuaire en vigueur reste.",
                "`detail` says what is missing; the directory in force stays.")),
        .directoryEmpty: ErrorEntry(
            422, .other, .never,
            title: Text("Aucune situation à garder dans ce fichier", "The file holds no situation to keep"),
            remedy: Text(
                "Vérifier les options de l'import ; l'annuaire en vigueur reste.",
                "Check the options of the import; the directory in force stays.")),
    ]
}
