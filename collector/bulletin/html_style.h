/*
 * How the HTML looks: attributes of its elements, light colours inline, since mail programs may
 * drop the <style> block; the classes are for that block alone (html_head.c): the dark scheme
 * and narrow screens. Text on its ground has a contrast of 4.5 or more in both schemes.
 */
#ifndef BULLETIN_HTML_STYLE_H
#define BULLETIN_HTML_STYLE_H

#define FONT_TEXT                                                                              \
    "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
#define FONT_CODE "ui-monospace,SFMono-Regular,Menlo,Consolas,monospace"

#define INK "#1c2127"
#define SOFT "#555f69"
#define RULE "#d6dade"
#define GROUND "#eceef1"
#define SHEET "#ffffff"
#define BOX "#f5f6f8"

/* A state's colours: edge, ground, ink. */
#define RED_EDGE "#b3261e"
#define RED_GROUND "#fdf1f0"
#define RED_INK "#8f1d17"
#define AMBER_EDGE "#b7791f"
#define AMBER_GROUND "#fdf6e6"
#define AMBER_INK "#6f4700"
#define GREEN_EDGE "#2f7d4f"
#define GREEN_GROUND "#eff7f1"
#define GREEN_INK "#1d5c37"
#define GREY_EDGE "#9aa3ad"

/* ---- The page ---- */
#define LAYOUT " role=\"presentation\" style=\"width:100%;"
#define A_PAGE " class=\"pg\" style=\"margin:0;padding:0;background:" GROUND "\""
#define A_FULL LAYOUT "border-collapse:collapse\""
#define A_AROUND " class=\"ar\" style=\"padding:24px 12px\""
#define A_COLUMN                                                                               \
    LAYOUT "max-width:720px;margin:0 auto;border-collapse:separate;border-spacing:0\""
#define A_SHEET                                                                                \
    " class=\"sh\" style=\"padding:32px 36px 28px;background:" SHEET ";color:" INK             \
    ";border-radius:8px;font:16px/1.5 " FONT_TEXT ";text-align:left;overflow-wrap:anywhere\""

/* ---- Text ---- */
#define A_H1 " style=\"margin:0;font-size:26px;line-height:1.25;font-weight:600\""
#define A_H2                                                                                   \
    " class=\"h2\" style=\"margin:34px 0 12px;padding:20px 0 0;border-top:1px solid " RULE     \
    ";font-size:21px;line-height:1.3;font-weight:600\""
#define A_H3 " style=\"margin:28px 0 8px;font-size:18px;line-height:1.35;font-weight:600\""
#define A_H4                                                                                   \
    " class=\"s\" style=\"margin:20px 0 10px;color:" SOFT                                      \
    ";font-size:16px;line-height:1.4;font-weight:600\""
#define A_HEAD_FIRST                                                                           \
    " style=\"margin:0 0 4px;font-size:18px;line-height:1.35;"                                 \
    "font-weight:600\""
#define A_SUBJECT " style=\"margin:0 0 4px;font-size:16px;line-height:1.4;font-weight:600\""
#define A_PLAIN " style=\"font-weight:400\""
#define A_P " style=\"margin:0 0 12px\""
#define A_TIGHT " style=\"margin:0\""
#define A_GREETING " style=\"margin:24px 0 0\""
#define A_META " class=\"s\" style=\"margin:6px 0 0;color:" SOFT ";font-size:14px\""
#define A_SOFT " class=\"s\" style=\"color:" SOFT ";font-weight:400\""
#define A_FOOT                                                                                 \
    " class=\"s h2\" style=\"margin:40px 0 0;padding:16px 0 0;border-top:1px solid " RULE      \
    ";color:" SOFT ";font-size:14px\""
#define A_LIST " style=\"margin:0 0 12px;padding:0 0 0 20px\""
#define A_ITEM " style=\"margin:0 0 6px\""
#define A_CODE " class=\"co\" style=\"font:14px/1.5 " FONT_CODE "\""
#define A_PILL                                                                                 \
    " class=\"b\" style=\"padding:1px 7px;background:" BOX ";border:1px solid " RULE           \
    ";border-radius:10px;font-size:14px;font-weight:400;white-space:nowrap\""

/* ---- The verdict ---- */
#define A_VERDICT LAYOUT "margin:20px 0;border-collapse:separate;border-spacing:0\""
#define A_VERDICT_(name, edge, ground, ink)                                                    \
    " class=\"cd " name "\" style=\"padding:14px 18px;background:" ground                      \
    ";border:1px solid " edge ";border-left-width:6px;border-radius:4px;color:" ink "\""
#define A_VERDICT_RED A_VERDICT_("vr", RED_EDGE, RED_GROUND, RED_INK)
#define A_VERDICT_AMBER A_VERDICT_("va", AMBER_EDGE, AMBER_GROUND, AMBER_INK)
#define A_VERDICT_GREEN A_VERDICT_("vg", GREEN_EDGE, GREEN_GROUND, GREEN_INK)
#define A_VERDICT_WORD " style=\"margin:0 0 2px;font-size:14px;font-weight:600\""
#define A_VERDICT_TEXT " style=\"margin:0;font-size:18px;line-height:1.4;font-weight:600\""

/* ---- Boxes ---- */
#define A_INNER LAYOUT "border-collapse:separate;border-spacing:0\""
#define A_BOXED LAYOUT "margin:0 0 16px;border-collapse:separate;border-spacing:0\""
#define A_CARD                                                                                 \
    " class=\"l cd\" style=\"padding:18px 20px;border:1px solid " RULE ";border-radius:6px\""
#define A_FORWARD                                                                              \
    " class=\"b cd\" style=\"padding:14px 18px 2px;background:" BOX ";border:1px solid " RULE  \
    ";border-radius:4px\""
#define A_FINDING_(name, edge)                                                                 \
    " class=\"" name "\" style=\"padding:0 0 0 14px;border-left:4px solid " edge "\""
#define A_FINDING_RED A_FINDING_("fr", RED_EDGE)
#define A_FINDING_AMBER A_FINDING_("fa", AMBER_EDGE)
#define A_FINDING_GREY A_FINDING_("fn", GREY_EDGE)
#define A_FINDING_GREEN A_FINDING_("fg", GREEN_EDGE)

/* ---- Tables ---- */
/* What is said of one thing: label and sentences. */
#define A_FACTS " style=\"width:100%;border-collapse:collapse\""
#define A_LABEL                                                                                \
    " class=\"k s\" style=\"width:124px;padding:2px 14px 2px 0;color:" SOFT                    \
    ";font-size:14px;line-height:24px;font-weight:400;text-align:left;vertical-align:top;"     \
    "overflow-wrap:normal\""
#define A_FACT " class=\"f\" style=\"padding:2px 0;vertical-align:top\""
/* Columns; stacked on narrow screens. */
#define A_TABLE " class=\"t\" style=\"width:100%;margin:0 0 16px;border-collapse:collapse\""
#define A_COL_(align, padding)                                                                 \
    " class=\"s l\" style=\"padding:" padding ";border-bottom:1px solid " RULE ";color:" SOFT  \
    ";font-size:14px;font-weight:600;text-align:" align                                        \
    ";vertical-align:bottom;overflow-wrap:normal\""
#define A_COL_TEXT A_COL_("left", "6px 14px 6px 0")
#define A_COL_NAME A_COL_("left;width:23%", "6px 14px 6px 0")
#define A_COL_NUMBER A_COL_("right", "6px 0 6px 14px")
#define A_ROW_HEAD                                                                             \
    " class=\"l\" style=\"padding:7px 14px 7px 0;border-bottom:1px solid " RULE                \
    ";font-weight:600;text-align:left;vertical-align:top\""
#define A_CELL_(more)                                                                          \
    " class=\"l\" style=\"padding:7px 14px 7px 0;border-bottom:1px solid " RULE                \
    ";vertical-align:top" more "\""
#define A_CELL_TEXT A_CELL_(";overflow-wrap:normal")
#define A_CELL_NAME A_CELL_("")
#define A_CELL_NUMBER                                                                          \
    " class=\"l\" style=\"padding:7px 0 7px 14px;border-bottom:1px solid " RULE                \
    ";text-align:right;vertical-align:top;white-space:nowrap;"                                 \
    "font-variant-numeric:tabular-nums\""

#define A_PICTURE_FRAME                                                                        \
    " class=\"pi\" style=\"margin:12px 0;padding:6px;background:#fff;border:1px solid " RULE   \
    ";border-radius:4px\""

#endif
