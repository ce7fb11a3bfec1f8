import Primitives

extension ErrorCatalogue {
    static let session: [ErrorCode: ErrorEntry] = [
        .loginNotFound: ErrorEntry(
            404, .refused, .never,
            title: Text("Demande de connexion inconnue", "Unknown login"),
            remedy: Text(
                "Commencer une nouvelle connexion.",
                "Begin a new login.")),
        .loginExpired: ErrorEntry(
            410, .refused, .now,
            title: Text("Demande de connexion expirée", "The login has expired"),
            remedy: Text(
                "Commencer une nouvelle connexion ; elle vit 60 secondes.",
                "Begin a new login; it lives 60 seconds.")),
        .loginBusy: ErrorEntry(
            409, .refused, .later,
            title: Text("Une connexion est déjà en cours sur ce lecteur", "A login is already under way on this reader"),
            remedy: Text(
                "Attendre sa fin, ou l'annuler.",
                "Wait until it ends, or cancel it.")),
        .loginState: ErrorEntry(
            409, .refused, .never,
            title: Text("La connexion n'attend pas cette étape", "The login does not wait for this step"),
            remedy: Text(
                "Lire l'état de la connexion, ou en commencer une nouvelle.",
                "Read the login's state, or begin a new one.")),
        .sessionNotFound: ErrorEntry(
            404, .refused, .never,
            title: Text("Session inconnue", "Unknown session"),
            remedy: Text(
                "Voir `cpsctl session list`.",
                "See `cpsctl session list`.")),
        .sessionEnded: ErrorEntry(
            409, .refused, .never,
            title: Text("La session est terminée", "The session has ended"),
            remedy: Text(
                "Se connecter de nouveau.",
                "Log in again.")),
        .sessionLocked: ErrorEntry(
            409, .refused, .never,
            title: Text("La session est verrouillée", "The session is locked"),
            remedy: Text(
                "La déverrouiller avec le code porteur.",
                "Unlock it with the PIN.")),
        .sessionNotLocked: ErrorEntry(
            409, .refused, .never,
            title: Text("La session n'est pas verrouillée", "The session is not locked"),
            remedy: Text(
                "Rien à déverrouiller. Le code n'a pas été essayé.",
                "There is nothing to unlock. The PIN was not tried.")),
        .profileRequired: ErrorEntry(
            409, .refused, .now,
            title: Text("Une situation d'exercice doit être choisie", "A situation of practice has to be chosen"),
            remedy: Text(
                "Choisir une situation de `profiles` (`cpsctl session profile`), puis recommencer.",
                "Choose a situation of `profiles` (`cpsctl session profile`), then ask again.")),
        .profileUnknown: ErrorEntry(
            422, .refused, .never,
            title: Text("Situation d'exercice inconnue", "Unknown situation of practice"),
            remedy: Text(
                "Choisir une situation de la liste de la session.",
                "Choose a situation from the session's list.")),
        .profileChanged: ErrorEntry(
            409, .refused, .now,
            title: Text("La situation d'exercice a changé entre-temps", "The situation of practice has changed meanwhile"),
            remedy: Text(
                "Redemander le jeton.",
                "Ask for the token again.")),
        .scopeDenied: ErrorEntry(
            403, .refused, .never,
            title: Text("Droit non accordé", "Right not granted"),
            remedy: Text(
                "Demander moins de droits ; `scope` et `rules` disent lequel est refusé et par quoi ; voir `cpsctl habilitation explain`.",
                "Ask for fewer rights; `scope` and `rules` say which one is refused and by what; see `cpsctl habilitation explain`.")),
        .habilitationInvalid: ErrorEntry(
            422, .other, .never,
            title: Text("Matrice d'habilitation refusée", "Matrix of rights refused"),
            remedy: Text(
                "Corriger chaque ligne nommée, puis `cpsctl habilitation check FICHIER`. La matrice précédente reste en vigueur.",
                "Correct each line that is named, then `cpsctl habilitation check FILE`. The matrix of before stays in force.")),
        .sessionNotExtendable: ErrorEntry(
            409, .refused, .never,
            title: Text("La session ne peut pas être prolongée", "The session cannot be made longer"),
            remedy: Text(
                "Se connecter de nouveau à la fin de la session ; `expires_at` dit quand.",
                "Log in again when the session ends; `expires_at` says when.")),
        .audienceRequired: ErrorEntry(
            422, .usage, .never,
            title: Text("Audience manquante", "Audience missing"),
            remedy: Text(
                "Nommer le service auquel le jeton est destiné.",
                "Name the service that the token is for.")),
    ]
}
