"""The tree of pages every site begins with, and what the editors' group may do in it."""

from django.db import migrations
from django.utils import timezone

WELCOME = "Welcome to your new Wagtail site!"
# app, model, title, slug and path of each
PAGES = (
    ("cms", "HomePage", "共享党课", "home", "00010001"),
    ("courses", "CataloguePage", "课程", "courses", "000100010001"),
    ("livestreams", "LivestreamIndexPage", "直播", "live", "000100010002"),
)
# What editors may do on the home page and all below it
ON_PAGES = ("add_page", "change_page", "publish_page", "bulk_delete_page", "lock_page", "unlock_page")
ON_IMAGES = ("add_image", "change_image", "choose_image")
EVERYWHERE = (
    ("wagtailadmin", "admin", "access_admin"),
    ("courses", "topic", "add_topic"),
    ("courses", "topic", "change_topic"),
    ("courses", "topic", "delete_topic"),
    ("courses", "topic", "view_topic"),
)


def plant(apps, schema_editor):
    Page, Site = apps.get_model("wagtailcore", "Page"), apps.get_model("wagtailcore", "Site")
    Locale = apps.get_model("wagtailcore", "Locale")
    locale, _ = Locale.objects.get_or_create(language_code="zh-hans")
    root = Page.objects.get(path="0001")
    welcome = Page.objects.filter(path="00010001", title=WELCOME).first()
    if welcome is None:
        return  # somebody has built a tree already: theirs stays
    parked, _ = Site.objects.get_or_create(is_default_site=True, defaults={"hostname": "localhost", "root_page": root})
    Site.objects.filter(pk=parked.pk).update(root_page=root)  # a site's root page cannot be deleted from under it
    welcome.delete()
    home = [_page(apps, locale, page) for page in PAGES][0]
    Page.objects.filter(path="00010001").update(numchild=2)
    Site.objects.filter(pk=parked.pk).update(root_page_id=home.pk, site_name="共享党课")
    _allow(apps, home)


def _page(apps, locale, page):
    app, model, title, slug, path = page
    now = timezone.now()
    depth = len(path) // 4
    url = "/home/" if depth == 2 else f"/home/{slug}/"
    return apps.get_model(app, model).objects.create(
        title=title, draft_title=title, slug=slug, path=path, depth=depth, numchild=0, url_path=url, locale=locale,
        content_type=_content_type(apps, app, model.lower()), live=True, first_published_at=now, last_published_at=now,
    )  # fmt: skip


def _allow(apps, home):
    Collection = apps.get_model("wagtailcore", "Collection")
    GroupPagePermission = apps.get_model("wagtailcore", "GroupPagePermission")
    GroupCollectionPermission = apps.get_model("wagtailcore", "GroupCollectionPermission")
    editors, _ = apps.get_model("auth", "Group").objects.get_or_create(name="Editors")
    # Wagtail's own grant reaches to the root of all sites.
    GroupPagePermission.objects.filter(group=editors).delete()
    for codename in ON_PAGES:
        permission = _permission(apps, "wagtailcore", "page", codename)
        GroupPagePermission.objects.create(group=editors, page_id=home.pk, permission=permission)
    top = Collection.objects.order_by("depth").first()
    for codename in ON_IMAGES:
        permission = _permission(apps, "wagtailimages", "image", codename)
        GroupCollectionPermission.objects.get_or_create(group=editors, collection=top, permission=permission)
    for app, model, codename in EVERYWHERE:
        editors.permissions.add(_permission(apps, app, model, codename))


def _content_type(apps, app, model):
    return apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label=app, model=model)[0]


def _permission(apps, app, model, codename):
    """Django makes permissions after all migrations; here they are needed before."""
    return apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=_content_type(apps, app, model),
        codename=codename,
        defaults={"name": f"Can {codename.replace('_', ' ')}"},
    )[0]


def uproot(apps, schema_editor):
    Page, Site = apps.get_model("wagtailcore", "Page"), apps.get_model("wagtailcore", "Site")
    GroupPagePermission = apps.get_model("wagtailcore", "GroupPagePermission")
    root = Page.objects.get(path="0001")
    Site.objects.filter(is_default_site=True).update(root_page=root)
    Page.objects.filter(path__startswith="00010001").delete()
    content_type = _content_type(apps, "wagtailcore", "page")
    welcome = Page.objects.create(
        title=WELCOME, draft_title=WELCOME, slug="home", path="00010001", depth=2, numchild=0, url_path="/home/",
        content_type=content_type, locale=apps.get_model("wagtailcore", "Locale").objects.first(),
    )  # fmt: skip
    Site.objects.filter(is_default_site=True).update(root_page=welcome, site_name="")
    for group in apps.get_model("auth", "Group").objects.filter(name="Editors"):
        for codename in ("add_page", "change_page"):
            permission = _permission(apps, "wagtailcore", "page", codename)
            GroupPagePermission.objects.create(group=group, page=root, permission=permission)


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0001_initial"),
        ("courses", "0001_initial"),
        ("livestreams", "0001_initial"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtailadmin", "0006_formstate"),
        ("wagtailimages", "0027_image_description"),
    ]
    operations = [migrations.RunPython(plant, uproot)]
