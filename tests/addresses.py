"""Who may call what: one row for every address and method. An address without a row fails tests/test_addresses.py.

Six people ask: nobody in particular, a member of another branch, the lecture's author, an editor, the author's branch
secretary, an operator. What they get:

    +  an answer (also one that says what is wrong with the input)
    s  asked to sign in (a redirect, or 401)
    -  nothing there (404)
    x  forbidden (403)

The lecture is meant for the author's branch only, so that "a member" is not enough anywhere.
"""

from __future__ import annotations

PEOPLE = ("anonymous", "stranger", "author", "editor", "secretary", "operator")

# The editor and the operator of this table belong to the committee above, not to the branch: what is for the branch is
# not for them on the member site.
PAGES = {
    # method, route: anonymous, stranger, author, editor, secretary, operator
    ("GET", ""): "++++++",
    ("GET", "courses/"): "++++++",
    ("GET", "courses/<str:slug>/"): "++++++",
    ("GET", "live/"): "++++++",
    ("GET", "live/talk/"): "++++++",
    ("GET", "healthz"): "++++++",
    ("GET", "readyz"): "++++++",
    ("GET", "lectures/"): "++++++",
    ("GET", "lectures/<str:public_id>/"): "--+-+-",
    ("POST", "lectures/<str:public_id>/share/"): "s-+-+-",
    ("GET", "topics/<str:slug>/"): "++++++",
    ("GET", "upload/"): "s+++++",
    ("GET", "mine/"): "s+++++",
    ("GET", "mine/<str:public_id>/"): "s-+---",
    ("POST", "mine/<str:public_id>/"): "s-+---",
    ("POST", "mine/<str:public_id>/withdraw/"): "s-+---",
    ("POST", "mine/<str:public_id>/reopen/"): "s-+---",
    ("POST", "mine/<str:public_id>/delete/"): "s-+---",
    ("GET", "lectures/<str:public_id>/captions/"): "s-++--",
    ("POST", "lectures/<str:public_id>/captions/"): "s-++--",
    ("GET", "lectures/<str:public_id>/captions/<str:track>/"): "s-++--",
    ("POST", "lectures/<str:public_id>/captions/<str:track>/<str:act>/"): "s-++--",
    ("GET", "lectures/<str:public_id>/chapters/"): "s-++--",
    ("POST", "lectures/<str:public_id>/chapters/"): "s-++--",
    ("GET", "lectures/<str:public_id>/chapters.vtt"): "--+++-",
    ("GET", "lectures/<str:public_id>/poster/"): "s-++--",
    ("POST", "lectures/<str:public_id>/poster/"): "s-++--",
    ("GET", "lectures/<str:public_id>/cut/"): "s-++--",
    ("POST", "lectures/<str:public_id>/cut/"): "s-++--",
    ("GET", "lectures/<str:public_id>/recording/"): "s-++--",
    ("POST", "lectures/<str:public_id>/recording/<str:asset_id>/"): "s-++--",
    ("POST", "lectures/<str:public_id>/versions/<int:number>/<str:act>/"): "s-++--",
    ("GET", "points/"): "s+++++",
    ("GET", "featured/"): "++++++",
    ("GET", "s/<str:code>"): "+-+-+-",
    ("GET", "s/<str:code>/qr.svg"): "++++++",
    ("GET", "search/"): "++++++",
    ("GET", "search/suggestions/"): "++++++",
    ("GET", "search/in/<str:public_id>/"): "--+-+-",
    ("GET", "sessions/"): "s+++++",
    ("GET", "sessions/new/"): "s---+-",
    ("POST", "sessions/new/"): "s---+-",
    ("GET", "sessions/<str:public_id>/"): "s-+-+-",
    ("GET", "sessions/<str:public_id>/edit/"): "s---+-",
    ("POST", "sessions/<str:public_id>/edit/"): "s---+-",
    ("POST", "sessions/<str:public_id>/cancel/"): "s---+-",
    ("GET", "sign-in/"): "++++++",
    ("POST", "sign-in/"): "++++++",
    ("POST", "sign-out/"): "++++++",
    ("POST", "preferences/language/"): "++++++",
    ("POST", "preferences/text-size/"): "++++++",
    ("POST", "preferences/theme/"): "++++++",
    ("GET", "images/<path:path>"): "------",  # there is none of that name
    ("GET", "ui/components/"): "------",  # development only
}

# Wagtail sends who may not enter its admin to the sign-in page; operators may enter, and find no editors' desk there.
DESK = {
    ("GET", "admin/review/"): "sss+s-",
    ("GET", "admin/review/<str:public_id>/"): "sss+s-",
    ("POST", "admin/review/<str:public_id>/"): "sss+s-",
    ("GET", "admin/review/<str:public_id>/preview/"): "sss+s-",
    ("POST", "admin/review/<str:public_id>/<str:move>/"): "sss+s-",
    ("POST", "admin/review/<str:public_id>/stages/<int:job_id>/"): "sss+s-",
    ("GET", "admin/featured/"): "sss+s-",
    ("POST", "admin/featured/<int:mark_id>/<str:decision>/"): "sss+s-",
    ("GET", "admin/not-found/"): "sss+s-",
    ("GET", "admin/rules/"): "sss+s-",
    ("POST", "admin/rules/"): "sss+s-",
    ("GET", "admin/livestreams/"): "sss+s-",
    ("GET", "admin/livestreams/<int:page_id>/recording/"): "sss+s-",
    ("POST", "admin/livestreams/<int:page_id>/recording/<str:change>/"): "sss+s-",
    ("GET", "admin/operations/"): "sss-s+",
    ("POST", "admin/operations/<int:job_id>/retry/"): "sss-s+",
}

API = {
    ("POST", "/api/v1/tokens"): "++++++",
    ("DELETE", "/api/v1/tokens/{public_id}"): "s-+---",
    ("GET", "/api/v1/me"): "s+++++",
    ("POST", "/api/v1/events"): "s+++++",
    ("POST", "/api/v1/uploads"): "s+++++",
    ("GET", "/api/v1/uploads"): "s+++++",
    ("POST", "/api/v1/uploads/{public_id}/sign"): "s-+---",
    ("GET", "/api/v1/uploads/{public_id}/parts"): "s-+---",
    ("POST", "/api/v1/uploads/{public_id}/complete"): "s-+---",
    ("DELETE", "/api/v1/uploads/{public_id}"): "s-+---",
    ("GET", "/api/v1/assets/{public_id}"): "s-+---",
    ("GET", "/api/v1/lectures"): "s+++++",
    ("POST", "/api/v1/lectures"): "s-+---",
    ("GET", "/api/v1/lectures/{public_id}"): "s-+++-",
    ("PATCH", "/api/v1/lectures/{public_id}"): "s-++x-",
    ("POST", "/api/v1/lectures/{public_id}/submit"): "s-+---",
    ("POST", "/api/v1/lectures/{public_id}/approve"): "s-x+x-",
    ("POST", "/api/v1/lectures/{public_id}/return"): "s-x+x-",
    ("POST", "/api/v1/lectures/{public_id}/withdraw"): "s-++x-",
    ("GET", "/api/v1/lectures/{public_id}/captions"): "s-+++-",
    ("POST", "/api/v1/lectures/{public_id}/captions"): "s-++x-",
    ("GET", "/api/v1/lectures/{public_id}/captions/{track}"): "s-++x-",
    ("DELETE", "/api/v1/lectures/{public_id}/captions/{track}"): "s-++x-",
    ("POST", "/api/v1/lectures/{public_id}/captions/{track}/review"): "s-x+x-",
    ("GET", "/api/v1/lectures/{public_id}/chapters"): "s-+++-",
    ("PUT", "/api/v1/lectures/{public_id}/chapters"): "s-++x-",
    ("GET", "/api/v1/lectures/{public_id}/poster"): "s-++x-",
    ("PUT", "/api/v1/lectures/{public_id}/poster"): "s-++x-",
    ("POST", "/api/v1/lectures/{public_id}/poster"): "s-x+x-",
    ("GET", "/api/v1/lectures/{public_id}/versions"): "s-++x-",
    ("POST", "/api/v1/lectures/{public_id}/versions"): "s-++x-",
    ("POST", "/api/v1/lectures/{public_id}/versions/{number}/approve"): "s-x+x-",
    ("POST", "/api/v1/lectures/{public_id}/versions/{number}/decline"): "s-x+x-",
    ("DELETE", "/api/v1/lectures/{public_id}/versions/{number}"): "s-++x-",
    ("POST", "/api/v1/lectures/{public_id}/play"): "s-+++-",
    ("POST", "/api/v1/lectures/{public_id}/shares"): "s-+-+-",
    ("GET", "/api/v1/points"): "s+++++",
    ("GET", "/api/v1/search"): "s+++++",
    ("POST", "/api/v1/livestreams/{page_id}/recording"): "sxx+xx",
    ("DELETE", "/api/v1/livestreams/{page_id}/recording"): "sxx+xx",
}

# Doors know no people: a signed path or token admits, and nothing else does. Their own tests say how.
DOORS = {
    ("GET", "/media/1-x/abc/def/master.m3u8"): "x",
    ("HEAD", "/media/1-x/abc/def/master.m3u8"): "x",
    ("PUT", "/parts/abc/1?exp=1&size=1&sig=x"): "x",
    ("GET", "/api/v1/events?token=x"): "x",
    ("POST", "/api/v1/beats"): "x",
}
